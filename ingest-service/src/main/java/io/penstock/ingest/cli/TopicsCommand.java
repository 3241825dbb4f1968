package io.penstock.ingest.cli;

import io.penstock.ingest.cluster.ClientProperties;
import io.penstock.ingest.cluster.PauseRequirement;
import io.penstock.ingest.cluster.TopicChange;
import io.penstock.ingest.cluster.TopicPlan;
import io.penstock.ingest.cluster.TopicPlanner;
import io.penstock.ingest.cluster.TopicRequirement;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.config.Configuration.Role;
import io.penstock.ingest.observability.FailureText;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.service.StartException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands by which an operator prepares the topics. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Shows what the topics lack, creates missing ones and corrects their settings.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TopicsCommand.Plan.class, TopicsCommand.Apply.class})
final class TopicsCommand {

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private TopicsCommand() {}

  /** A command that makes a plan first. */
  abstract static class TopicsSubcommand extends Subcommand {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigFile config;

    @Override
    public final Integer call() throws StartException, InterruptedException {
      Configuration given = config.read().configuration();
      // The topics of a whole installation, whatever the roles of the instance with this file.
      Configuration whole =
          given.with(Set.of(Role.INGRESS, Role.PIPELINE), given.http(), given.console());
      PauseRequirement pause = PauseRequirement.of(whole);
      if (pause == null) {
        throw new IllegalStateException("there is a pipeline");
      }
      Admin admin = null;
      try {
        admin = Admin.create(ClientProperties.of(given.kafka()));
        TopicPlanner planner =
            new TopicPlanner(
                admin,
                given.topics(),
                TopicRequirement.of(whole, ProviderCatalog.of(given).all()),
                pause,
                PATIENCE);
        TopicPlan plan = planner.plan();
        plan.warnings().forEach(warning -> err().println("warning: " + warning));
        err().flush();
        return work(planner, plan);
      } catch (KafkaException e) {
        throw new StartException(List.of("Kafka: " + FailureText.of(e)));
      } finally {
        if (admin != null) {
          admin.close(Duration.ZERO); // otherwise it waits for answers that do not come
        }
      }
    }

    /**
     * Does the command's work.
     *
     * @return the exit status
     */
    abstract int work(TopicPlanner planner, TopicPlan plan) throws InterruptedException;

    /** Prints a change. */
    final void print(TopicChange change) {
      switch (change) {
        case TopicChange.Create create -> {
          out()
              .printf(
                  "+ create %s: %d partitions, replication factor %d%n",
                  create.topic(), create.partitions(), create.replicationFactor());
          create.settings().forEach((name, value) -> out().printf("    %s=%s%n", name, value));
        }
        case TopicChange.Alter alter -> {
          out().printf("~ change %s%n", alter.topic());
          alter
              .settings()
              .forEach(
                  (name, setting) ->
                      out().printf("    %s: %s -> %s%n", name, setting.from(), setting.to()));
        }
      }
      out().flush();
    }
  }

  /** Shows what would be changed. */
  @Command(
      name = "plan",
      description = {
        "Prints what apply would change, and changes nothing.",
        "Exit status: 0 if nothing is to be changed, 2 if something is, 1 if Kafka does not answer"
            + " or refuses."
      })
  static final class Plan extends TopicsSubcommand {

    @Override
    int work(TopicPlanner planner, TopicPlan plan) {
      plan.changes().forEach(this::print);
      err().println(plan.changes().size() + " changes");
      err().flush();
      return plan.changes().isEmpty() ? 0 : 2;
    }
  }

  /** Changes it. */
  @Command(
      name = "apply",
      description = {
        "Creates the topics that are missing and corrects settings, as plan prints it. No topic is"
            + " removed, and no number of partitions or replicas is changed.",
        "To run it again is harmless: it goes on where it was interrupted."
      })
  static final class Apply extends TopicsSubcommand {

    @Option(names = "--yes", description = "Change it. Without this option, it is only printed.")
    private boolean yes;

    @Override
    int work(TopicPlanner planner, TopicPlan plan) throws InterruptedException {
      int done = 0;
      for (TopicChange change : plan.changes()) {
        print(change);
        if (yes) {
          try {
            planner.apply(change);
          } catch (KafkaException e) {
            err().println("error: topic " + change.topic() + ": Kafka: " + FailureText.of(e));
            err()
                .printf(
                    "%d of %d changes were made. Run it again when the cause is removed.%n",
                    done, plan.changes().size());
            err().flush();
            return 1;
          }
          done++;
        }
      }
      if (!yes && !plan.changes().isEmpty()) {
        err().println("Nothing was changed: give --yes to do this.");
        err().flush();
        return 2;
      }
      err().println(done + " changes were made");
      if (done > 0 && !planner.settle()) {
        err().println("warning: the brokers do not show all of them yet");
      }
      err().flush();
      return 0;
    }
  }
}
