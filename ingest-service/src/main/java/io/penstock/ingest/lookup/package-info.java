/**
 * Reads Penstock's topics without a consumer group, decodes their records, and finds what became of
 * a delivery: for the command line and for the console. Prints nothing.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.lookup;
