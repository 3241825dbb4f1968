/**
 * Tests of the whole service: real processes, a real broker, a real registry, real sockets. {@link
 * io.penstock.ingest.it.Stack} starts Kafka and the registry, {@link
 * io.penstock.ingest.it.Instance} runs the service.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.it;
