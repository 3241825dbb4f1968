/**
 * Tests of the whole: real processes, a real broker, a real registry, real sockets. {@link
 * io.penstock.ingest.it.Stack} gives the surroundings, {@link io.penstock.ingest.it.Instance} runs
 * the service.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.it;
