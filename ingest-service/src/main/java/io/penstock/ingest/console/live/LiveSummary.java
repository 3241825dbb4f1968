package io.penstock.ingest.console.live;

/**
 * What the head of the Live page says.
 *
 * @param kept how many deliveries are in memory
 * @param bytes about what they take of the heap
 * @param seen how many have been seen since the console's start
 * @param skipped how many landed and were not read, since the console was too far behind
 * @param unlanded what the page says of what is not in Kafka; empty: nothing
 */
public record LiveSummary(
    Following following, long kept, long bytes, long seen, long skipped, String unlanded) {}
