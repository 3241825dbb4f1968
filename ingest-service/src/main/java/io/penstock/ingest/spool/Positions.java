package io.penstock.ingest.spool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A note of where each lane begins and ends. It may be old: a lane never begins before what is
 * noted, nor ends before it. It tells dropped values from lost ones.
 */
final class Positions {

  /**
   * Of one lane.
   *
   * @param head the first number that was not dropped
   * @param next the number behind the last durable one
   */
  record Position(long head, long next) {}

  /**
   * What was noted.
   *
   * @param damaged whether there was a note that cannot be read
   */
  record Noted(Map<Integer, Position> lanes, boolean damaged) {}

  private Positions() {}

  static Noted read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = new String(Files.readAllBytes(file), UTF_8).lines().toList();
    } catch (NoSuchFileException e) {
      return new Noted(Map.of(), false);
    }
    Map<Integer, Position> positions = new TreeMap<>();
    String text = String.join("\n", lines.subList(0, Math.max(0, lines.size() - 1)));
    if (lines.isEmpty() || !lines.getLast().equals(checksum(text))) {
      return new Noted(Map.of(), true);
    }
    for (String line : text.lines().toList()) {
      String[] fields = line.split(" ", -1);
      positions.put(
          Integer.valueOf(fields[0]),
          new Position(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
    }
    return new Noted(positions, false);
  }

  /** The text of a note. */
  static String text(Collection<Lane> lanes) {
    StringBuilder text = new StringBuilder();
    for (Lane lane : lanes) {
      long head = lane.head(); // before next, which it never exceeds
      text.append(text.isEmpty() ? "" : "\n");
      text.append(lane.number()).append(' ').append(head).append(' ').append(lane.next());
    }
    return text.toString();
  }

  static void write(Path file, String text, Disk disk, boolean sync) throws IOException {
    disk.replace(file, (text + "\n" + checksum(text) + "\n").getBytes(US_ASCII), sync);
  }

  /** The line that says whether the lines before it are as they were written. */
  static String checksum(String text) {
    CRC32C checksum = new CRC32C();
    checksum.update(text.getBytes(UTF_8));
    return "checksum=" + HexFormat.of().toHexDigits((int) checksum.getValue());
  }
}
