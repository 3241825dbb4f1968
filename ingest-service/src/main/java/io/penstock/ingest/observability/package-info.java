/** What is measured: every meter's name, unit and labels in one place. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.observability;
