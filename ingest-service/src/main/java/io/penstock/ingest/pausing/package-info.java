/**
 * Which sources are paused: an operator's word on a source is a record of the control topic, keyed
 * by the source's name. Commands write it, pipelines follow it, and anything may read it.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.pausing;
