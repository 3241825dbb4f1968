/** A real Kafka and a real schema registry as child processes. */
@org.jspecify.annotations.NullMarked
package io.penstock.localstack;
