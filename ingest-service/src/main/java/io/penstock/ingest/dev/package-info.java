/** {@code penstock dev}: everything on one machine, with samples, and their events as they come. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.dev;
