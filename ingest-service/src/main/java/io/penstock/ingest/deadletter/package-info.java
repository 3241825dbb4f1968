/** Dead letters in an operator's hands: looked at, and sent through the pipeline again. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.deadletter;
