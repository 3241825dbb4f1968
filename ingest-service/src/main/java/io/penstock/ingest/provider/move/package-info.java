/**
 * Move API (Move AI), which Svix delivers: its events, and the signatures of Standard Webhooks,
 * which are no invention of Move's and may be asked of any source.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.provider.move;
