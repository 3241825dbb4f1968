/** {@code penstock dev}: the whole of it on one machine, with samples to look at. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.dev;
