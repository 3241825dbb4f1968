/** What the console shows of deliveries as they land: read from Kafka, joined in memory. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.console.live;
