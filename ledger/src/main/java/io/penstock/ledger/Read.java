package io.penstock.ledger;

/**
 * A record that a consumer has read, as far as the comparison needs it.
 *
 * @param provider whose topic it was in
 * @param id of the delivery that its JSON names; empty if it names none
 * @param digest of its JSON, as {@link Sender#comparable} has it
 */
public record Read(String provider, int partition, long offset, String id, String digest) {

  String place() {
    return provider + "[" + partition + "]@" + offset;
  }
}
