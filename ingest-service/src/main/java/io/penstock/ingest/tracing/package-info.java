/** Traces of deliveries for OpenTelemetry, off unless they are configured. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.tracing;
