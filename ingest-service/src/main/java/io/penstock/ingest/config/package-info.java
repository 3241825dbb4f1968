/** Configuration: typed records, bound once at start from one YAML file and the environment. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.config;
