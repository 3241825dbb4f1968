package io.penstock.ingest.console;

import io.penstock.ingest.console.Instances.Asked;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What an operator would say of the installation, from what its instances say.
 *
 * @param grade how bad it is, at worst
 * @param sentences the worst first; never empty
 */
record Diagnosis(Grade grade, List<String> sentences) {

  Diagnosis {
    sentences = List.copyOf(sentences);
  }

  /** How bad something is. */
  enum Grade {
    GOOD,
    ATTENTION,
    BAD;

    /** As stylesheets name it. */
    public String style() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** As people say it, never by colour alone. */
    public String word() {
      return switch (this) {
        case GOOD -> "good";
        case ATTENTION -> "attention";
        case BAD -> "bad";
      };
    }
  }

  private static final long LAG_WORTH_A_WORD = 10_000;

  /**
   * Judges.
   *
   * @param lag how many records of the landing log the pipeline has not read; empty where that is
   *     not known
   */
  static Diagnosis of(List<Asked> instances, OptionalLong lag) {
    Judgement judgement = new Judgement();
    if (instances.isEmpty()) {
      judgement.say(
          Grade.BAD, "No instance is known: list the management addresses in console.instances.");
      return judgement.diagnosis();
    }
    List<Asked> silent = instances.stream().filter(each -> !each.ready().isKnown()).toList();
    if (silent.size() == instances.size()) {
      judgement.say(
          Grade.BAD, "No instance answers, so nobody knows whether deliveries are taken.");
      silent.forEach(each -> judgement.say(Grade.BAD, why(each)));
      return judgement.diagnosis();
    }
    boolean kafkaGone = sum(instances, "penstock_kafka_breaker_open") > 0;
    long waiting = sum(instances, "penstock_spool_depth");
    long spools =
        instances.stream().filter(each -> sum(List.of(each), "penstock_spool_depth") > 0).count();
    long lost = sum(instances, "penstock_spool_lost_total");
    if (kafkaGone) {
      judgement.say(
          Grade.BAD,
          waiting > 0 || writableSpool(instances)
              ? "Kafka is away; "
                  + deliveries(waiting)
                  + " in "
                  + counted(spools, "spool")
                  + (lost == 0 ? "; nothing is lost." : ".")
              : "Kafka is away, and without a spool deliveries are answered 503: their providers try"
                  + " again.");
    } else if (waiting > 0) {
      judgement.say(
          Grade.ATTENTION,
          "Kafka is back; "
              + deliveries(waiting)
              + " in "
              + counted(spools, "spool")
              + ", and drain.");
    }
    if (lost > 0) {
      judgement.say(
          Grade.BAD,
          Templates.grouped(lost)
              + " deliveries were lost with damaged files of a spool: tell the consumers.");
    }
    for (Asked each : instances) {
      if (each.ready() instanceof Fact.Known<Instances.Ready> known && !known.value().ready()) {
        judgement.say(Grade.BAD, each.name() + " is not ready: " + known.value().reason() + ".");
      }
    }
    silent.forEach(each -> judgement.say(Grade.BAD, why(each)));
    judgePipelines(instances, lag, judgement);
    judgeSettings(instances, judgement);
    if (judgement.sentences.isEmpty()) {
      judgement.say(
          Grade.GOOD,
          (instances.size() == 1 ? "The instance is" : "All " + instances.size() + " instances are")
              + " ready: deliveries are taken"
              + (has(instances, "penstock_pipeline_running") ? " and published." : "."));
    }
    return judgement.diagnosis();
  }

  private static void judgePipelines(List<Asked> instances, OptionalLong lag, Judgement judgement) {
    boolean stopped =
        has(instances, "penstock_pipeline_running")
            && sum(instances, "penstock_pipeline_running") == 0;
    if (stopped) {
      judgement.say(
          Grade.BAD,
          "No pipeline publishes. Deliveries are taken and wait in the landing log; nothing is lost.");
    }
    if (lag.orElse(0) > LAG_WORTH_A_WORD) {
      judgement.say(
          Grade.ATTENTION,
          "The pipeline is behind by " + Templates.grouped(lag.getAsLong()) + " deliveries.");
    }
    if (has(instances, "penstock_registry_resolved")
        && sum(instances, "penstock_registry_resolved") == 0) {
      judgement.say(Grade.BAD, "The schema registry lacks a schema, or does not answer.");
    }
  }

  private static void judgeSettings(List<Asked> instances, Judgement judgement) {
    if (sum(instances, "penstock_secrets_failing") > 0) {
      judgement.say(
          Grade.ATTENTION,
          "Secret files cannot be read; their last values are still in force, until a restart.");
    }
    if (sum(instances, "penstock_tls_failing") > 0) {
      judgement.say(
          Grade.ATTENTION,
          "A certificate's files cannot be used; the last good pair stays in force.");
    }
    if (sum(instances, "penstock_spool_set_aside") + sum(instances, "penstock_spool_staying") > 0) {
      judgement.say(
          Grade.ATTENTION,
          "Kafka refuses deliveries of a spool: a topic's limit for the size of records is too low.");
    }
    if (sum(instances, "penstock_pipeline_failures_total") > 0) {
      judgement.say(
          Grade.ATTENTION,
          "The pipeline itself failed at deliveries, which are dead letters: report it.");
    }
  }

  private static String why(Asked instance) {
    return instance.ready() instanceof Fact.Unknown<Instances.Ready> unknown
        ? "An instance does not answer: " + unknown.why()
        : "";
  }

  private static boolean writableSpool(List<Asked> instances) {
    return sum(instances, "penstock_spool_writable") > 0;
  }

  private static String deliveries(long count) {
    return Templates.grouped(count) + (count == 1 ? " delivery waits" : " deliveries wait");
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static long sum(List<Asked> instances, String metric) {
    double sum = 0;
    for (Asked each : instances) {
      if (each.metrics() instanceof Fact.Known<Scrape> known) {
        sum += known.value().sum(metric);
      }
    }
    return Math.round(sum);
  }

  private static boolean has(List<Asked> instances, String metric) {
    return instances.stream()
        .anyMatch(
            each ->
                each.metrics() instanceof Fact.Known<Scrape> known && known.value().has(metric));
  }

  /** What has been said so far. */
  private static final class Judgement {

    private record Said(Grade grade, String sentence) {}

    private final List<Said> sentences = new ArrayList<>();

    void say(Grade grade, String sentence) {
      sentences.add(new Said(grade, sentence));
    }

    Diagnosis diagnosis() {
      List<Said> sorted =
          sentences.stream().sorted((a, b) -> b.grade().compareTo(a.grade())).toList();
      return new Diagnosis(sorted.getFirst().grade(), sorted.stream().map(Said::sentence).toList());
    }
  }
}
