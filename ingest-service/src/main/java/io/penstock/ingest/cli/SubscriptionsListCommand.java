package io.penstock.ingest.cli;

import io.penstock.ingest.service.StartException;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.PrivateFile;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SourceSubscriptions;
import io.penstock.ingest.subscription.SourceSubscriptions.Managed;
import io.penstock.ingest.subscription.SubscriptionApi;
import io.penstock.ingest.subscription.SubscriptionPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists what the providers have. */
@Command(
    name = "list",
    description = {
      "Lists all registrations of the sources' accounts, those that lead elsewhere included.",
      "Parts of addresses that could be secrets are printed as ***."
    })
final class SubscriptionsListCommand extends SubscriptionsCommand.OfSources {

  @Option(
      names = "--portal-file",
      paramLabel = "FILE",
      description =
          "Write the address of the provider's page for registrations to this file, which this user"
              + " alone may read: it lets its reader in. Needs one --source of move.")
  private @Nullable Path portalFile;

  @Override
  int work(SourceSubscriptions subscriptions) throws StartException, InterruptedException {
    SubscriptionLines lines = new SubscriptionLines(out(), subscriptions.surroundings());
    for (Managed each : subscriptions.all()) {
      try {
        switch (each) {
          case Managed.ByApi byApi -> {
            List<Registration> registrations = byApi.api().list();
            List<Registration> ours = SubscriptionPlan.ofSource(byApi.wanted(), registrations);
            lines.head(each);
            if (byApi.api() instanceof SubscriptionApi.Upserted) {
              lines.byHand(
                  each.provider()
                      + " does not tell what is registered: this is what was registered from here");
            }
            registrations.forEach(
                one ->
                    lines.print(
                        one, ours.contains(one) ? "leads to this source" : "leads elsewhere"));
            if (portalFile != null) {
              portal(byApi, portalFile);
            }
          }
          case Managed.ByHand page -> {
            lines.head(each);
            lines.byHand(each.provider() + " is not asked: it has no API, or api is not given");
          }
        }
      } catch (ApiException e) {
        throw failed(each, e);
      }
    }
    return 0;
  }

  private void portal(Managed.ByApi of, Path file)
      throws ApiException, InterruptedException, StartException {
    if (!(of.api() instanceof SubscriptionApi.Upserted api)) {
      throw new StartException(List.of("--portal-file: " + of.provider() + " has no such page"));
    }
    String portal = api.portal();
    try (PrivateFile written = PrivateFile.prepare(file)) {
      written.write((portal + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new StartException(List.of("--portal-file cannot be written"));
    }
    err().println("The address of the portal is in the file that --portal-file gives.");
  }
}
