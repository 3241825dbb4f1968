/** Acme, which does not exist: the example of {@code docs/adding-a-provider.md}. */
@NullMarked
package io.penstock.ingest.provider.acme;

import org.jspecify.annotations.NullMarked;
