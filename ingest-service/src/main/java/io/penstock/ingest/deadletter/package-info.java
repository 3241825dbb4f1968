/** Lets operators look at dead letters and send them through the pipeline again. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.deadletter;
