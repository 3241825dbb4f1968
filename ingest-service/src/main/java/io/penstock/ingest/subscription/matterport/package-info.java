/** Matterport's API of registrations. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.subscription.matterport;
