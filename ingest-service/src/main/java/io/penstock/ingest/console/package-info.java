/**
 * The web console: pages for operators and for engineers who connect a provider. Its own port;
 * whatever blocks runs on virtual threads, never on an event loop.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.console;
