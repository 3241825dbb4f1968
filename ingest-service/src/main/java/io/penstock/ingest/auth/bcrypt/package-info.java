/** Tokens that are the bcrypt hash of a shared secret, as SmartShape sends them. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.auth.bcrypt;
