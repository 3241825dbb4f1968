/** The page of one delivery: what came, what became of it, and how to send it again. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.console.delivery;
