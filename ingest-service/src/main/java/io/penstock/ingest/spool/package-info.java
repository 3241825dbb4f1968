/**
 * What takes over when Kafka does not acknowledge in time: deliveries on this machine's disk,
 * fsynced, drained into the landing log in their order.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.spool;
