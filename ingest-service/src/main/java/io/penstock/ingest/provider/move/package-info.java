/** Move API (Move AI), whose webhooks Svix delivers. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.provider.move;
