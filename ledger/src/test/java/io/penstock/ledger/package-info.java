/** The ledger's own tests, and the faults under which the service is tried with it. */
@org.jspecify.annotations.NullMarked
package io.penstock.ledger;
