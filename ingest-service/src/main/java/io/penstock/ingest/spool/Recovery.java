package io.penstock.ingest.spool;

import io.penstock.ingest.spool.Frames.Frame;
import io.penstock.ingest.spool.Positions.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what is in the spool, whatever state its files are in: reads every segment once.
 *
 * <p>A write that was cut off by a crash is removed: no sender has its acknowledgement. Anything
 * else that cannot be read is damage. The numbers are dense, so it is known which values are lost.
 * The damaged file is kept under {@code broken-…} and replaced by one with what can be read and
 * with gaps, so that the next start does not report it again. A start that is interrupted is
 * repeated: a file is replaced in one step, after it was kept.
 */
final class Recovery {

  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final SpoolDirectory directory;
  private final Disk disk;
  private final Map<Integer, Lane> lanes = new TreeMap<>();
  private long values;
  private long lost;

  Recovery(SpoolDirectory directory, Disk disk) {
    this.directory = directory;
    this.disk = disk;
  }

  /**
   * What was found.
   *
   * @param lanes by their numbers
   * @param values how many can be read
   * @param lost how many are known to be missing or unreadable
   * @param broken where damaged files were kept; null if none was found
   */
  record Found(Map<Integer, Lane> lanes, long values, long lost, @Nullable Path broken) {}

  private record Hole(long from, long to) {}

  /**
   * What one segment has.
   *
   * @param end the number behind the last value that can be read
   * @param length up to where it can be read, in bytes
   * @param clean whether the file is as it was written, but for an end that was cut off
   */
  private record Scan(
      long salt, long end, long length, List<Hole> holes, long values, Rest rest, boolean clean) {}

  /** What follows the last value of a segment. */
  private enum Rest {
    NONE,
    TORN,
    DAMAGED
  }

  /**
   * Reads everything.
   *
   * @throws IOException if the disk does not answer, or a segment is of a newer format
   */
  Found open() throws IOException {
    Positions.Noted noted = Positions.read(directory.positions());
    if (noted.damaged()) {
      log.error("The note of where the spool begins was damaged; copies may be sent");
    }
    TreeSet<Integer> numbers = new TreeSet<>(noted.lanes().keySet());
    for (Path lane : laneDirectories(directory.segments())) {
      numbers.add(Integer.valueOf(lane.getFileName().toString()));
    }
    for (int number : numbers) {
      lanes.put(number, lane(number, noted.lanes().get(number)));
    }
    return found();
  }

  private Found found() {
    return new Found(lanes, values, lost, directory.kept());
  }

  /**
   * Appends segments from another directory to the lanes, file by file, each in one step: a start
   * that is interrupted goes on with those that are left.
   */
  Found adopt(Path from) throws IOException {
    for (Path source : laneDirectories(from)) {
      int number = Integer.parseInt(source.getFileName().toString());
      Path target = SpoolDirectory.lane(directory.segments(), number);
      Lane lane = lanes.computeIfAbsent(number, n -> new Lane(n, target, disk, 1, 1));
      for (Path file : segments(source)) {
        long first = Segment.first(file);
        Scan scan = scan(file, first, Long.MAX_VALUE);
        Segment checked = settle(file, first, scan, damage(scan, first, Long.MAX_VALUE, first));
        if (checked == null) {
          continue;
        }
        disk.createDirectory(directory.segments());
        disk.createDirectory(target);
        Path moved = target.resolve(Segment.name(lane.next()));
        disk.move(file, moved);
        disk.forceDirectory(target);
        disk.forceDirectory(source);
        long end = lane.next() + checked.end() - first;
        lane.adopt(new Segment(moved, lane.next(), checked.salt(), end, checked.length()));
      }
    }
    return found();
  }

  private static List<Path> laneDirectories(Path directory) throws IOException {
    return SpoolDirectory.list(directory).stream()
        .filter(path -> path.getFileName().toString().matches("\\d{5}"))
        .toList();
  }

  private List<Path> segments(Path lane) throws IOException {
    List<Path> segments = new ArrayList<>();
    for (Path file : SpoolDirectory.list(lane)) {
      if (Segment.isSegment(file)) {
        segments.add(file);
      } else {
        disk.delete(file); // one that was being written
      }
    }
    return segments;
  }

  private Lane lane(int number, @Nullable Position noted) throws IOException {
    Path path = SpoolDirectory.lane(directory.segments(), number);
    List<Path> files = segments(path);
    long first = files.isEmpty() ? 1 : Segment.first(files.get(0));
    long head = noted == null ? first : noted.head();
    if (noted != null && (files.isEmpty() || first > head)) {
      long end = files.isEmpty() ? noted.next() : first;
      reportMissing(number, head, end);
      head = end;
    }
    Lane lane = new Lane(number, path, disk, head, head);
    for (int i = 0; i < files.size(); i++) {
      boolean last = i == files.size() - 1;
      long from = Segment.first(files.get(i));
      long following = last ? Long.MAX_VALUE : Segment.first(files.get(i + 1));
      if (following <= head) {
        lane.adopt(
            new Segment(files.get(i), from, directory.salt(), following, size(files.get(i))));
        continue;
      }
      Scan scan = scan(files.get(i), from, following);
      long end = last ? (noted == null ? 0 : noted.next()) : following;
      Segment segment =
          settle(files.get(i), from, scan, damage(scan, Math.max(head, from), following, end));
      if (segment != null) {
        lane.adopt(segment);
      }
    }
    return lane;
  }

  private void reportMissing(int lane, long from, long to) {
    if (to > from) {
      lost += to - from;
      log.atError()
          .addKeyValue("lane", lane)
          .addKeyValue("lost", to - from)
          .log("Files of the spool are missing");
    }
  }

  private static long size(Path file) throws IOException {
    return Files.size(file);
  }

  private Scan scan(Path file, long first, long following) throws IOException {
    long size = size(file);
    Long found = saltOf(file);
    long salt = found == null ? directory.salt() : found;
    List<Hole> holes = new ArrayList<>();
    long read = 0;
    boolean begun = found != null || size < Frames.FILE_HEADER || isZero(file);
    try (FrameReader reader = new FrameReader(file, salt, size, true)) {
      long expected = first;
      long length = Frames.FILE_HEADER;
      for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
        long number = first + frame.index();
        if (number >= following) {
          // Left by a write that failed: the following segment has the values of these numbers.
          return new Scan(salt, expected, length, holes, read, Rest.NONE, begun);
        }
        if (number > expected) {
          holes.add(new Hole(expected, number));
        }
        expected = number + frame.numbers();
        length = reader.position();
        read += frame.kind() == Frames.VALUE ? 1 : 0;
      }
      boolean clean = begun && !reader.isUnreadable();
      if (length >= size) {
        return new Scan(salt, expected, length, holes, read, Rest.NONE, clean);
      }
      boolean torn = reader.lastWithoutLength() == null && reader.endsTorn();
      Rest rest = torn ? Rest.TORN : Rest.DAMAGED;
      return new Scan(salt, expected, length, holes, read, rest, clean);
    }
  }

  private static @Nullable Long saltOf(Path file) throws IOException {
    try {
      return Frames.saltOf(file);
    } catch (Frames.UnknownVersionException e) {
      throw new IOException(
          "a file of the spool was "
              + e.getMessage()
              + ": start the version that wrote it, and let it drain the spool: "
              + file,
          e);
    }
  }

  private static boolean isZero(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      for (byte b : in.readNBytes(Frames.FILE_HEADER)) {
        if (b != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * The values of a segment that are lost.
   *
   * @param from the first number that was not dropped
   * @param following the first number of the following segment
   * @param noted where the segment ends at least
   */
  private static List<Hole> damage(Scan scan, long from, long following, long noted) {
    List<Hole> lost = new ArrayList<>();
    for (Hole hole : scan.holes()) {
      if (hole.to() > from) {
        lost.add(new Hole(Math.max(hole.from(), from), hole.to()));
      }
    }
    long end = noted;
    if (following == Long.MAX_VALUE && scan.rest() == Rest.DAMAGED) {
      end = Math.max(end, scan.end() + 1); // at least one
    }
    if (end > Math.max(scan.end(), from)) {
      lost.add(new Hole(Math.max(scan.end(), from), end));
    }
    return lost;
  }

  /** Makes a segment as it should be; null if nothing is in it. */
  private @Nullable Segment settle(Path file, long first, Scan scan, List<Hole> holes)
      throws IOException {
    values += scan.values();
    for (Hole hole : holes) {
      lost += hole.to() - hole.from();
    }
    long end = holes.isEmpty() ? scan.end() : Math.max(scan.end(), holes.getLast().to());
    if (!holes.isEmpty() || !scan.clean()) {
      return damaged(file, first, scan, holes, end);
    }
    if (end == first) {
      disk.delete(file);
      return null;
    }
    if (scan.length() < size(file)) {
      log.atInfo()
          .addKeyValue("file", file)
          .log("A write to the spool that a crash had cut off was removed");
    }
    try {
      disk.truncate(file, scan.length());
    } catch (IOException e) {
      // What follows is not read, and the next start sees it again.
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("cause", e.toString())
          .log("A file of the spool cannot be synced");
    }
    return new Segment(file, first, scan.salt(), end, scan.length());
  }

  private Segment damaged(Path file, long first, Scan scan, List<Hole> holes, long end) {
    log.atError()
        .addKeyValue("file", file)
        .addKeyValue("readable", scan.values())
        .addKeyValue("lost", holes.stream().mapToLong(hole -> hole.to() - hole.from()).sum())
        .log("A file of the spool is damaged");
    try {
      directory.keep(file);
      long length =
          new Repair(directory, disk).replace(file, first, scan.salt(), scan.length(), end);
      return new Segment(file, first, directory.salt(), end, length);
    } catch (IOException e) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("cause", e.toString())
          .log("A damaged file of the spool cannot be replaced; what is readable is read from it");
      Segment as = new Segment(file, first, scan.salt(), end, scan.length());
      as.report();
      return as;
    }
  }
}
