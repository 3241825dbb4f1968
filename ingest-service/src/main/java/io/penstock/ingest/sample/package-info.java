/** Sample deliveries, made as their providers would make them, with the configured secrets. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.sample;
