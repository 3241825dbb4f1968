@org.jspecify.annotations.NullMarked
package io.penstock.ingest.provider.webhook;
