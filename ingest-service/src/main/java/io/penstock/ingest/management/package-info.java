/** The management port: health and metrics, for operators and their tools. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.management;
