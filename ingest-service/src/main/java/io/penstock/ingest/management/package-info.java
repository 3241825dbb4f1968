/** The management port: health and metrics, for those who run the service. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.management;
