/** Small files that an operator may replace while the service runs: secrets and certificates. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.files;
