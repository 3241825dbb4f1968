/** The commands of {@code penstock}: their options, what they print, and their exit statuses. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.cli;
