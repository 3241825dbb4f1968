/** What is loaded and tried before the ports open, so that the first deliveries are fast. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.warmup;
