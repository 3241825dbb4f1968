@org.jspecify.annotations.NullMarked
package io.penstock.ingest.auth.hmac;
