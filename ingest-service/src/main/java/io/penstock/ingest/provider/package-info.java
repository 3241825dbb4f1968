/**
 * What differs between providers: what identifies a delivery, and how its body becomes a typed
 * event. Each provider's rules, samples and tests live in a package of their own below this one;
 * {@link io.penstock.ingest.provider.Providers} is the one place that lists them.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.provider;
