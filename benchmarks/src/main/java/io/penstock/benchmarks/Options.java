package io.penstock.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a run does.
 *
 * @param rounds how often each load is put on each contender, in turn
 * @param seconds of each load, without its warm-up
 * @param warmUpSeconds of saturation before the first round, for each contender
 * @param rates deliveries a second; a saturation run follows in any case
 * @param only the contenders
 * @param backlog records, at least; for the pipeline
 * @param output a directory
 */
record Options(
    int rounds,
    int seconds,
    int warmUpSeconds,
    int connections,
    List<Integer> rates,
    List<String> only,
    int bodyBytes,
    int partitions,
    int sources,
    int heapMebibytes,
    int backlog,
    Path output) {

  static final String CEILING = "ceiling";
  static final String SERVICE = "service";
  static final String QUIET = "service-quiet";

  private static final Set<String> CONTENDERS = Set.of(CEILING, SERVICE, QUIET);
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("rounds", "3"),
          Map.entry("seconds", "15"),
          Map.entry("warm-up", "30"),
          Map.entry("connections", "64"),
          Map.entry("rates", "1000,5000,10000"),
          Map.entry("only", CEILING + "," + SERVICE + "," + QUIET),
          Map.entry("body-size", "780"),
          Map.entry("partitions", "12"),
          Map.entry("sources", "1"),
          Map.entry("heap", "384"),
          Map.entry("backlog", "1500000"),
          Map.entry("output", "benchmarks/target/results"));

  static final String HELP =
      """
      benchmarks/run compare     the service beside the ceiling, at several rates and without a pause
      benchmarks/run growth      the same without a pause: connections, bodies, sources, partitions
      benchmarks/run pipeline    one pipeline thread beside a bare copier, on a backlog
      benchmarks/run jmh ...     JMH's own command: benchmarks of single steps, such as: jmh Provider
      benchmarks/run allocations bytes allocated for each delivery, against benchmarks/allocations.properties

      Options of compare, growth and pipeline, with their defaults:
        --rounds=3                   how often each load is put on each contender, in turn
        --seconds=15                 of each load
        --warm-up=30                 seconds without a pause before the first round, for each contender
        --connections=64
        --rates=1000,5000,10000      deliveries a second; compare only
        --only=ceiling,service,service-quiet
        --body-size=780              bytes
        --partitions=12              of the landing log and of the ceiling's topic
        --sources=1
        --heap=384                   MiB, of each contender
        --backlog=1500000            records; pipeline only
        --output=benchmarks/target/results
      """;

  Options {
    rates = List.copyOf(rates);
    only = List.copyOf(only);
  }

  /**
   * Reads {@code --name=value} and {@code --name value}.
   *
   * @throws IllegalArgumentException if a word is not an option, with a message for the user
   */
  static Options of(List<String> words) {
    Map<String, String> values = new HashMap<>(DEFAULTS);
    List<String> left = new ArrayList<>(words);
    while (!left.isEmpty()) {
      String word = left.removeFirst();
      int equals = word.indexOf('=');
      String name = word.replaceFirst("^--", "").replaceFirst("=.*", "");
      if (!word.startsWith("--") || !DEFAULTS.containsKey(name)) {
        throw new IllegalArgumentException("Not an option: " + word);
      }
      if (equals < 0 && left.isEmpty()) {
        throw new IllegalArgumentException("No value: " + word);
      }
      values.put(name, equals < 0 ? left.removeFirst() : word.substring(equals + 1));
    }
    List<String> only = list(values, "only").toList();
    if (only.isEmpty() || !CONTENDERS.containsAll(only)) {
      throw new IllegalArgumentException("--only takes " + CONTENDERS + ", not " + only);
    }
    return new Options(
        number(values, "rounds"),
        number(values, "seconds"),
        number(values, "warm-up"),
        number(values, "connections"),
        list(values, "rates").map(Integer::valueOf).toList(),
        only,
        number(values, "body-size"),
        number(values, "partitions"),
        number(values, "sources"),
        number(values, "heap"),
        number(values, "backlog"),
        Path.of(values.getOrDefault("output", "")));
  }

  private static Stream<String> list(Map<String, String> values, String name) {
    return Stream.of(values.getOrDefault(name, "").split(",", -1)).filter(each -> !each.isEmpty());
  }

  private static int number(Map<String, String> values, String name) {
    String text = values.getOrDefault(name, "");
    try {
      int number = Integer.parseInt(text);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As for a number below 1.
    }
    throw new IllegalArgumentException("--" + name + " takes a number from 1, not " + text);
  }

  /** The same with other sources and partitions. */
  Options with(int otherSources, int otherPartitions) {
    return new Options(
        rounds,
        seconds,
        warmUpSeconds,
        connections,
        rates,
        only,
        bodyBytes,
        otherPartitions,
        otherSources,
        heapMebibytes,
        backlog,
        output);
  }
}
