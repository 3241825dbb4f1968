/** The landing log: authentic deliveries, byte for byte, durable before anybody is told so. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.landing;
