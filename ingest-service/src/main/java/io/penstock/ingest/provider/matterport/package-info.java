/** Matterport: its events of both versions of its webhooks, and their samples. */
@NullMarked
package io.penstock.ingest.provider.matterport;

import org.jspecify.annotations.NullMarked;
