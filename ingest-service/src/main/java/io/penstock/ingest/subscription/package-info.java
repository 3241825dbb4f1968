/**
 * Registrations at providers: what the configuration asks for, what the provider has, and the steps
 * between the two.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.subscription;
