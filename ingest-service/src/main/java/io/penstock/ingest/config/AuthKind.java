package io.penstock.ingest.config;

import java.util.function.Function;

/**
 * A kind of authentication that the file may name.
 *
 * @param type the {@code type} that selects it
 * @param reader reads the keys beside {@code type}, and reports what is wrong with them
 */
public record AuthKind(String type, Function<Section, AuthSpec> reader) {}
