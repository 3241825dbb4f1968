package io.penstock.ingest.service;

import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import java.util.List;
import java.util.Locale;

/**
 * How much heap Java needs: the largest permitted delivery, in every place at once. With less, the
 * first such delivery would end the process, and would do so again after each start, since it waits
 * in the landing log. The factors are measured: see docs/capacity.md.
 */
final class HeapNeed {

  private static final long MIB = 1024 * 1024;

  /** What is in use before anything is delivered, and what small deliveries need, in bytes. */
  private static final long AT_REST = 96 * MIB;

  /** Copies in the ingress: the collected body, its record, the producer's copy; twice each. */
  private static final int INGRESS_BODIES = 4;

  /**
   * Copies in the pipeline: as bytes, as text (two bytes a character where one character needs
   * them), typed, encoded, and sent.
   */
  private static final int PIPELINE_BODIES = 14;

  /** Copies that each further thread may hold: large bodies are decoded one at a time. */
  private static final int MORE_BODIES_OF_A_THREAD = 5;

  /** Copies in the console: the record, its parts, a page of it. One is shown at a time. */
  private static final int CONSOLE_BODIES = 6;

  private HeapNeed() {}

  /** How many bytes of heap a configuration needs at least. */
  static long bytes(Configuration configuration) {
    long body = TopicRequirement.maxBodySize(configuration);
    long needed = AT_REST;
    if (configuration.roles().contains(Role.INGRESS)) {
      needed += INGRESS_BODIES * body;
    }
    if (configuration.roles().contains(Role.PIPELINE)) {
      long more = (long) MORE_BODIES_OF_A_THREAD * (configuration.pipeline().threads() - 1);
      needed += (PIPELINE_BODIES + more) * body;
    }
    if (configuration.roles().contains(Role.CONSOLE)) {
      needed += CONSOLE_BODIES * body;
    }
    return needed;
  }

  /**
   * What the operator must change; empty where the heap is large enough.
   *
   * @param heap the most heap that Java will take, in bytes
   */
  static List<String> problems(Configuration configuration, long heap) {
    long needed = bytes(configuration);
    if (heap >= needed) {
      return List.of();
    }
    int body = TopicRequirement.maxBodySize(configuration);
    return List.of(
        String.format(
            Locale.ROOT,
            "sources[].max-body-size: a body of %d bytes needs a heap of %d MiB for the roles %s, and"
                + " Java has %d MiB: start Java with -Xmx%dm (in an image, by JDK_JAVA_OPTIONS, or"
                + " with twice as much memory for the container), or lower max-body-size",
            body,
            ceil(needed),
            configuration.roles().stream()
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .sorted()
                .toList(),
            heap / MIB,
            ceil(needed)));
  }

  private static long ceil(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
