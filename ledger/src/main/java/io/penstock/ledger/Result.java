package io.penstock.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What one run showed.
 *
 * @param name of the case
 * @param deliveries of the run
 * @param events of these deliveries that were read, copies included
 * @param findings over all that was ever sent to the installation
 * @param time that the case took, with the fault and the wait for its end
 */
public record Result(
    String name, List<Delivery> deliveries, long events, Findings findings, Duration time) {

  public Result {
    deliveries = List.copyOf(deliveries);
  }

  /** How many were acknowledged. */
  public long acknowledged() {
    return deliveries.stream().filter(Delivery::isAcknowledged).count();
  }

  /** How many were not, and may have arrived all the same. */
  public long unknown() {
    return deliveries.stream().filter(Delivery::isUnknown).count();
  }

  /** Requests that were not acknowledged, by what became of them. */
  public Map<String, Long> refusals() {
    return deliveries.stream()
        .flatMap(delivery -> delivery.answers().stream())
        .filter(answer -> !answer.isAcknowledged())
        .map(
            answer ->
                answer.status() == 0 ? answer.reason() : answer.status() + " " + answer.reason())
        .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
  }

  /**
   * The latency that so many of a hundred answers did not exceed; of all requests that were
   * answered, with whatever.
   */
  public Duration latency(double percent) {
    List<Duration> sorted =
        deliveries.stream()
            .flatMap(delivery -> delivery.answers().stream())
            .filter(answer -> answer.status() != 0)
            .map(Answer::latency)
            .sorted()
            .toList();
    if (sorted.isEmpty()) {
      return Duration.ZERO;
    }
    int index = (int) Math.ceil(percent / 100 * sorted.size()) - 1;
    return sorted.get(Math.max(0, index));
  }
}
