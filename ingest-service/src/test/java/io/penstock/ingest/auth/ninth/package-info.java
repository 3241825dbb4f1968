/**
 * A way to authenticate that only a test knows: what a new one needs, and where it is registered.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.auth.ninth;
