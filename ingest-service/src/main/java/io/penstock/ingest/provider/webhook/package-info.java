/** Any other sender, by rules that its source's configuration has. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.provider.webhook;
