/**
 * Penstock's Kafka cluster: how clients reach it, the names of the topics, and the checks of their
 * settings.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.cluster;
