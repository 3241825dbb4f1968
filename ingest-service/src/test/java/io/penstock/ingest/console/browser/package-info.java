/** A real browser, for tests of the console. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.console.browser;
