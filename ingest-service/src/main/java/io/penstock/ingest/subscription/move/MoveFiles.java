package io.penstock.ingest.subscription.move;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingest.auth.Secret;
import io.penstock.ingest.files.RegularFile;
import io.penstock.ingest.files.UnusableException;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.CallbackAddress;
import io.penstock.ingest.subscription.PrivateFile;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.WantedSubscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The files of a source's signing secrets, and beside the last of them one that remembers what was
 * registered, since Move does not tell. For one thread.
 */
final class MoveFiles {

  private static final int MOST_BYTES = 64 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Path> secrets;
  private final Path memory;

  /**
   * @param secrets in the order of the configuration; not empty
   */
  MoveFiles(List<Path> secrets) {
    this.secrets = List.copyOf(secrets);
    Path last = secrets.getLast();
    this.memory = last.resolveSibling(last.getFileName() + ".registered");
  }

  /** Where the next secret goes: the first file without one, otherwise the last. */
  Path next() {
    return secrets.stream().filter(file -> !hasContent(file)).findFirst().orElse(secrets.getLast());
  }

  /** Whether any file has a secret. */
  boolean haveSecret() {
    return secrets.stream().anyMatch(MoveFiles::hasContent);
  }

  private static boolean hasContent(Path file) {
    try {
      return Files.isRegularFile(file) && !new String(read(file), StandardCharsets.UTF_8).isBlank();
    } catch (UnusableException e) {
      return true; // something is there, and must not be overwritten unseen
    }
  }

  private static byte[] read(Path file) throws UnusableException {
    return RegularFile.withoutLineBreak(RegularFile.read(file, MOST_BYTES));
  }

  /** Whether a file has this secret already. */
  boolean have(Secret secret) {
    for (Path file : secrets) {
      try {
        if (Files.isRegularFile(file) && secret.matches(read(file))) {
          return true;
        }
      } catch (UnusableException e) {
        // Then it is not known to have it.
      }
    }
    return false;
  }

  /** Two files to be written: the secret's and the one that remembers. */
  record Prepared(PrivateFile secret, PrivateFile memory) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try (secret;
          memory) {
        // Both are closed.
      }
    }
  }

  /**
   * Makes sure that both can be written.
   *
   * @throws ApiException if not: then nothing must be registered, whose secret would be lost
   */
  Prepared prepare() throws ApiException {
    try {
      PrivateFile secret = PrivateFile.prepare(next());
      try {
        return new Prepared(secret, PrivateFile.prepare(memory));
      } catch (IOException e) {
        secret.close();
        throw e;
      }
    } catch (IOException e) {
      throw new ApiException(
          "the directory of file "
              + next()
              + " cannot be written to ("
              + RegularFile.why(e)
              + "), and Move answers with the secret once: run this where it can, and copy the file"
              + " to its place");
    }
  }

  /** Keeps a content that is about to be replaced. */
  Optional<Path> keepFormer() throws IOException {
    Path file = next();
    if (!hasContent(file)) {
      return Optional.empty();
    }
    Path former = file.resolveSibling(file.getFileName() + ".before");
    try (PrivateFile copy = PrivateFile.prepare(former)) {
      copy.write(Files.readAllBytes(file));
    }
    return Optional.of(former);
  }

  /** What is remembered of a registration. */
  static byte[] memoryOf(String uid, WantedSubscription wanted) {
    ObjectNode root = JSON.createObjectNode().put("uid", uid).put("url", wanted.url());
    wanted.events().forEach(root.putArray("events")::add);
    return (root + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** What was registered last, from here. */
  Optional<Registration> remembered(String uid) {
    if (!Files.exists(memory)) {
      return Optional.empty();
    }
    try {
      JsonNode root = JSON.readTree(RegularFile.read(memory, MOST_BYTES));
      Optional<CallbackAddress> address = CallbackAddress.parse(root.path("url").asText(""));
      if (!root.path("uid").asText("").equals(uid) || address.isEmpty()) {
        return Optional.empty();
      }
      SortedSet<String> events = new TreeSet<>();
      root.path("events").forEach(event -> events.add(event.asText()));
      return Optional.of(
          new Registration(uid, address, events, OptionalInt.empty(), Registration.Enabled.UNTOLD));
    } catch (UnusableException | JsonProcessingException e) {
      return Optional.empty(); // it is written anew
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The files in words. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    secrets.forEach(file -> names.add(file.toString()));
    return names;
  }
}
