/**
 * The schema registry: the ids that stand before every published value, resolved away from the hot
 * path.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.registry;
