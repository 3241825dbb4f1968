package io.penstock.ingest.console;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stylesheets, scripts and pictures: {@code console/assets} of the jar, read once. They are listed,
 * not searched for: a jar has no directories to list, and nothing else of it is ever served.
 */
final class Assets {

  /** The one that a stranger gets too, for the login form. */
  static final String STYLESHEET = "console.css";

  private static final List<String> NAMES =
      List.of(
          STYLESHEET, "console.js", "icon.svg", "live.css", "live.js", "delivery.js", "letters.js");

  /** One file, with its content type and its tag for caches. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Asset(String type, String tag, byte[] bytes) {}

  private final Map<String, Asset> assets = new LinkedHashMap<>();

  /** Reads them all. */
  Assets() {
    for (String name : NAMES) {
      try (InputStream in = Assets.class.getResourceAsStream("/console/assets/" + name)) {
        if (in == null) {
          throw new IllegalStateException("the jar has no console/assets/" + name);
        }
        byte[] bytes = in.readAllBytes();
        String tag = "\"" + Hashing.sha256().hashBytes(bytes).toString().substring(0, 20) + "\"";
        assets.put(name, new Asset(type(name), tag, bytes));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The asset of this name; empty where there is none. */
  Optional<Asset> byName(String name) {
    return Optional.ofNullable(assets.get(name));
  }

  private static String type(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      default -> throw new IllegalStateException("no content type for " + name);
    };
  }
}
