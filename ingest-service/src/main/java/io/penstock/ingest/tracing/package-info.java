/** Traces of deliveries for OpenTelemetry, off unless somebody asks for them. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.tracing;
