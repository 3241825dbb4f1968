/** What the files below {@code deploy}, the Dockerfile and the compose file must agree about. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.deploy;
