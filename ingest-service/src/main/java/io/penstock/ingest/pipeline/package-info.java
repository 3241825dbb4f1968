/** From the landing log to the providers' topics, exactly once: decode, deduplicate, publish. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.pipeline;
