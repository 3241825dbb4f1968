/**
 * Test support, no part of what ships: a ledger of deliveries, which sends as the five providers
 * do, notes every answer, and compares what was acknowledged with what a consumer reads. Uses
 * nothing of the service, so that it repeats none of its mistakes.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ledger;
