/** The signatures of Standard Webhooks, as Svix makes them. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.auth.standardwebhooks;
