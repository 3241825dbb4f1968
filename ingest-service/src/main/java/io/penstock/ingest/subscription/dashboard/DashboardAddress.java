package io.penstock.ingest.subscription.dashboard;

import io.penstock.ingest.auth.Place;
import io.penstock.ingest.auth.SharedSecret;
import io.penstock.ingest.config.AuthSpec;
import io.penstock.ingest.config.Configuration.SourceConfig;
import io.penstock.ingest.config.References;
import io.penstock.ingest.config.SubscriptionConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * An address that an operator enters on a page, with names in the places of secrets.
 *
 * @param text such as {@code https://hooks.example.com/webhooks/a/<token>}
 * @param notes where the values are to be found
 */
record DashboardAddress(String text, List<String> notes) {

  static DashboardAddress of(SourceConfig source, SubscriptionConfig subscription) {
    StringBuilder path = new StringBuilder(subscription.callbackUrl().toString());
    List<String> query = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (AuthSpec spec : source.auth()) {
      if (spec instanceof SharedSecret shared) {
        String where = References.name(shared.references().getLast());
        if (shared.place() == Place.URL_TOKEN) {
          path.append("/<token>");
          notes.add("where <token> is the value of the " + where);
        } else if (shared.place() == Place.QUERY) {
          query.add(shared.name() + "=<" + shared.name() + ">");
          notes.add("where <" + shared.name() + "> is the value of the " + where);
        }
      }
    }
    return new DashboardAddress(
        path + (query.isEmpty() ? "" : "?" + String.join("&", query)), notes);
  }
}
