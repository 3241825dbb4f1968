/** echo3D: its events, the fingerprint that takes its API key's place, and samples. */
@NullMarked
package io.penstock.ingest.provider.echo3d;

import org.jspecify.annotations.NullMarked;
