/** The values that a delivery consists of on its way: identifiers, reasons, the landing record. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.delivery;
