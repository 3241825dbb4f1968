package io.penstock.ingest.cluster;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/** The subjects of an installation, and the schemas with which this version writes. */
public final class EventSubjects {

  private EventSubjects() {}

  /**
   * All schemas, by subject: one for each topic of events, and that of the dead letters.
   *
   * @param configuration of the installation
   */
  public static Map<String, Schema> of(Configuration configuration, List<Provider> providers) {
    Topics topics = new Topics(configuration.topics().prefix());
    Map<String, Schema> subjects = new TreeMap<>();
    for (Provider provider : providers) {
      subjects.put(Topics.subject(topics.events(provider)), provider.schema());
    }
    if (configuration.pipeline().modelReady().enabled()) {
      for (Provider provider : providers) {
        provider
            .modelReadiness()
            .ifPresent(
                readiness ->
                    subjects.put(Topics.subject(topics.modelReady(readiness)), readiness.schema()));
      }
    }
    subjects.put(Topics.subject(topics.deadLetter()), EventSchemas.deadLetter());
    return subjects;
  }
}
