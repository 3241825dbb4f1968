/**
 * Checks that the files below {@code deploy}, the Dockerfile, the compose file and the pages agree.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.deploy;
