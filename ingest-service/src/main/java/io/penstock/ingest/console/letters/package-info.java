/** The place Dead letters: what could not become an event, and driving it again. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.console.letters;
