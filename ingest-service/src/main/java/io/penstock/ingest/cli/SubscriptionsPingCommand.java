package io.penstock.ingest.cli;

import io.penstock.ingest.lookup.PlainText;
import io.penstock.ingest.service.StartException;
import io.penstock.ingest.subscription.ApiException;
import io.penstock.ingest.subscription.Registration;
import io.penstock.ingest.subscription.SourceSubscriptions;
import io.penstock.ingest.subscription.SourceSubscriptions.Managed;
import io.penstock.ingest.subscription.SubscriptionApi.Testing;
import io.penstock.ingest.subscription.SubscriptionPlan;
import java.util.List;
import picocli.CommandLine.Command;

/** Has providers send a test. */
@Command(
    name = "ping",
    description = {
      "Has the providers send a test to the registrations of the sources.",
      "Exit status: 0 if each source's provider has taken the request, 2 if one has no such call"
          + " and is to be tested by hand, 1 if one does not answer or refuses, or nothing is"
          + " registered."
    })
final class SubscriptionsPingCommand extends SubscriptionsCommand.OfSources {

  @Override
  int work(SourceSubscriptions subscriptions) throws StartException, InterruptedException {
    int status = 0;
    for (Managed each : subscriptions.all()) {
      String head = each.source() + " (" + each.provider() + "): ";
      switch (each) {
        case Managed.ByHand page -> {
          out().println(head + "it has no call for a test, or api is not given");
          status = Math.max(status, 2);
        }
        case Managed.ByApi byApi -> {
          switch (byApi.api().testing()) {
            case Testing.ByCall call -> ping(byApi, call, head);
            case Testing.ByHand byHand -> {
              out().println(head + byHand.how());
              status = Math.max(status, 2);
            }
          }
        }
      }
      out().flush();
    }
    return status;
  }

  private void ping(Managed.ByApi of, Testing.ByCall call, String head)
      throws StartException, InterruptedException {
    try {
      List<Registration> ours = SubscriptionPlan.ofSource(of.wanted(), of.api().list());
      if (ours.isEmpty()) {
        throw new StartException(
            List.of(
                "source "
                    + of.source()
                    + ": nothing is registered: run 'penstock subscriptions apply' first"));
      }
      for (Registration each : ours) {
        call.ping(each);
        out()
            .println(
                head
                    + "asked for a test of "
                    + PlainText.of(each.id())
                    + ". It is there when 'penstock tail --source "
                    + of.source()
                    + "' shows it");
      }
    } catch (ApiException e) {
      throw failed(of, e);
    }
  }
}
