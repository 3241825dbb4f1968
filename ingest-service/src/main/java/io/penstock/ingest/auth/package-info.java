/**
 * Who is sending: authenticators, and the secrets they compare with. What only one provider does
 * lives with that provider.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.auth;
