package io.penstock.ingest.ingress;

import io.penstock.ingest.source.Sources;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an address that names no source. It can contain a token, so nothing of it is
 * repeated but the name of a source that there is.
 *
 * @param why in words
 * @param path the part of it that can be shown; empty where none can
 * @param length of the whole path, in characters
 */
record UnknownAddress(String why, String path, int length) {

  private static final String ROOT = "/webhooks/";

  static UnknownAddress of(@Nullable String path, Sources sources) {
    if (path == null || !path.startsWith(ROOT)) {
      return new UnknownAddress(
          "the path does not begin with /webhooks/", "", path == null ? 0 : path.length());
    }
    int end = path.indexOf('/', ROOT.length());
    String name = end < 0 ? path.substring(ROOT.length()) : path.substring(ROOT.length(), end);
    if (sources.byName(name) == null) {
      String lower = name.toLowerCase(Locale.ROOT);
      boolean differsInCase = sources.byName(lower) != null;
      return new UnknownAddress(
          differsInCase
              ? "the name in the address is that of the source " + lower + " but for capitals"
              : "no source has the name in the address, which has " + name.length() + " characters",
          "",
          path.length());
    }
    String shown = ROOT + name + (end < 0 ? "" : "/…");
    return new UnknownAddress(
        WebhookPath.parse(path) == null
            ? "the address has more behind the source's name than a token"
            : "the source " + name + " takes no token in its address (it has no url-token in auth)",
        shown,
        path.length());
  }
}
