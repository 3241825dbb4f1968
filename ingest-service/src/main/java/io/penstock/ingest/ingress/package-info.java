/**
 * From an HTTP request to an acknowledged delivery: {@link io.penstock.ingest.ingress.Exchange}
 * talks to the client, {@link io.penstock.ingest.ingress.Reception} authenticates the sender, and
 * {@link io.penstock.ingest.ingress.Intake} appends the delivery to the landing log.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.ingress;
