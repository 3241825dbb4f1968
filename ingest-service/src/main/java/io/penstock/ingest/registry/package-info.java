/**
 * The schema registry: the ids at the beginning of every published value. They are resolved before
 * the pipeline starts, and not for each record.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.registry;
