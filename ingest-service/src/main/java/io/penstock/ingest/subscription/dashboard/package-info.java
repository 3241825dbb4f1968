/** Providers whose registrations are made on a page. */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.subscription.dashboard;
