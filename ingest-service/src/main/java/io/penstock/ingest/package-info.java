/** The Penstock service. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest;
