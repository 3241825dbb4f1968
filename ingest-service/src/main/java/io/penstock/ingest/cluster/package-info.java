/**
 * What Penstock needs of its Kafka cluster: the way to reach it, the topics, and that they suit.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.cluster;
