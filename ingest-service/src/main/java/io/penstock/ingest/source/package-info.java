/**
 * Who may send: the configured sources, ready for requests. The one place that knows every kind of
 * authenticator.
 */
@NullMarked
package io.penstock.ingest.source;

import org.jspecify.annotations.NullMarked;
