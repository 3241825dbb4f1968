package io.penstock.ingest.cli;

import io.penstock.ingest.cluster.EventSubjects;
import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.provider.ProviderCatalog;
import io.penstock.ingest.registry.RegistryUnavailableException;
import io.penstock.ingest.registry.SchemaRegistration;
import io.penstock.ingest.registry.SchemaRegistration.State;
import io.penstock.ingest.service.StartException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The commands by which an operator prepares the schema registry. */
@Command(
    name = "schemas",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Checks whether the registry has the schemas of this version, and registers them.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SchemasCommand.Check.class, SchemasCommand.Register.class})
final class SchemasCommand {

  private SchemasCommand() {}

  /** A command that asks the registry about every schema first. */
  abstract static class SchemasSubcommand extends Subcommand {

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ConfigFile config;

    @Override
    public final Integer call() throws StartException {
      Configuration configuration = config.read().configuration();
      if (configuration.schemaRegistry().url().isEmpty()) {
        throw new StartException(List.of("schema-registry.url is needed to register schemas"));
      }
      try (SchemaRegistration registration =
          new SchemaRegistration(
              configuration.schemaRegistry(),
              EventSubjects.of(configuration, ProviderCatalog.of(configuration).all()))) {
        return work(registration, registration.check());
      } catch (RegistryUnavailableException e) {
        throw new StartException(List.of(String.valueOf(e.getMessage())));
      }
    }

    /**
     * Does the command's work.
     *
     * @param states of all schemas, by subject
     * @return the exit status
     */
    abstract int work(SchemaRegistration registration, SortedMap<String, State> states);

    /**
     * Prints a line for each schema.
     *
     * @return whether the registry refuses none
     */
    final boolean print(SortedMap<String, State> states) {
      boolean isAccepted = true;
      for (Map.Entry<String, State> entry : states.entrySet()) {
        switch (entry.getValue()) {
          case State.Registered registered -> line(entry.getKey(), registered(registered.id()));
          case State.Missing missing -> line(entry.getKey(), "missing");
          case State.Incompatible incompatible -> {
            isAccepted = false;
            line(entry.getKey(), "incompatible with what is registered");
            incompatible.reasons().forEach(reason -> out().println("    " + reason.strip()));
          }
        }
      }
      out().flush();
      return isAccepted;
    }

    final void line(String subject, String state) {
      out().printf("%-40s %s%n", subject, state);
    }

    static String registered(int id) {
      return "registered, id " + id;
    }

    /** Says what to do about schemas that the registry refuses. */
    final void refused() {
      err()
          .println(
              "error: the registry would refuse a schema. A subject has a version that Penstock did"
                  + " not write: see docs/runbook.md, PenstockRegistryUnresolved.");
      err().flush();
    }

    static boolean isMissing(State state) {
      return state instanceof State.Missing;
    }
  }

  /** Compares. */
  @Command(
      name = "check",
      description = {
        "Lists the schemas of this version, one a line, and changes nothing.",
        "Exit status: 0 if all are registered, 2 if some are missing, 1 if the registry would"
            + " refuse one or does not answer."
      })
  static final class Check extends SchemasSubcommand {

    @Override
    int work(SchemaRegistration registration, SortedMap<String, State> states) {
      if (!print(states)) {
        refused();
        return 1;
      }
      return states.values().stream().anyMatch(SchemasSubcommand::isMissing) ? 2 : 0;
    }
  }

  /** Registers what is missing. */
  @Command(
      name = "register",
      description = {
        "Registers the schemas that the registry lacks, and sets FULL_TRANSITIVE compatibility for"
            + " their subjects.",
        "Registers nothing if the registry would refuse one of them. To run it again is harmless."
      })
  static final class Register extends SchemasSubcommand {

    @Override
    int work(SchemaRegistration registration, SortedMap<String, State> states) {
      if (states.values().stream().anyMatch(State.Incompatible.class::isInstance)) {
        print(states);
        refused();
        err().println("Nothing was registered.");
        err().flush();
        return 1;
      }
      states.forEach(
          (subject, state) -> {
            String word = isMissing(state) ? ", new" : "";
            line(subject, registered(registration.register(subject)) + word);
            out().flush();
          });
      return 0;
    }
  }
}
