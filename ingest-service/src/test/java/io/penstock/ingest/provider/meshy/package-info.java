/** Meshy, text to 3D: the second example of {@code docs/adding-a-provider.md}. */
@NullMarked
package io.penstock.ingest.provider.meshy;

import org.jspecify.annotations.NullMarked;
