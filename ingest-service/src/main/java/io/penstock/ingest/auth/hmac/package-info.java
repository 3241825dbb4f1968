/** Signatures by HMAC over the body and what goes with it, in the ways that senders make them. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.auth.hmac;
