/**
 * The landing log: authenticated deliveries, byte for byte. They are durable before their senders
 * get a 200.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.landing;
