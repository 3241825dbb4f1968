/**
 * The way in: from an HTTP request to an acknowledged delivery. {@link
 * io.penstock.ingest.ingress.Exchange} tells it.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.ingress;
