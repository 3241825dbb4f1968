/** What operators see: every meter's name and unit in one place, the log, and texts of failures. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.observability;
