package io.penstock.ingest.auth;

import java.util.List;

/**
 * The current values of one list of secrets, any of which may match. Safe for use by any number of
 * threads; {@link SecretFiles} replaces the values of those that live in files.
 */
public final class SecretList {

  private volatile Snapshot current;

  private SecretList(Snapshot current) {
    this.current = current;
  }

  /** A list of these values, in this order. */
  public static SecretList of(List<Secret> secrets) {
    return new SecretList(new Snapshot(1, secrets));
  }

  /** As {@link #of(List)}. */
  public static SecretList of(Secret... secrets) {
    return of(List.of(secrets));
  }

  /** What holds now. A decision that looks twice must look at one snapshot. */
  public Snapshot current() {
    return current;
  }

  /** Replaces the values; the version moves on if any differs. One thread at a time. */
  void replace(List<Secret> secrets) {
    Snapshot before = current;
    if (!before.secrets().equals(secrets)) {
      current = new Snapshot(before.version() + 1, secrets);
    }
  }

  /**
   * The values at one moment.
   *
   * @param version differs between any two snapshots of one list that differ in any value
   * @param secrets in the order of the configuration; never empty
   */
  public record Snapshot(long version, List<Secret> secrets) {
    public Snapshot {
      secrets = List.copyOf(secrets);
      if (secrets.isEmpty()) {
        throw new IllegalArgumentException("a list of secrets cannot be empty");
      }
    }

    /**
     * Which secret these bytes are.
     *
     * @return the first entry that matches, from 0; -1 if none does. All are compared in any case.
     */
    public int indexOf(byte[] presented) {
      byte[] digest = Secret.digest(presented);
      int found = -1;
      for (int i = secrets.size() - 1; i >= 0; i--) {
        if (secrets.get(i).hasDigest(digest)) {
          found = i;
        }
      }
      return found;
    }
  }
}
