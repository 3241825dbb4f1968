/** Fuzz targets: one for each decoder, each authenticator and each parser of what others write. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.fuzz;
