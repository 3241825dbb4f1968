package io.penstock.ingest.service;

import io.penstock.ingest.ingress.IngressReport;
import io.penstock.ingest.management.ManagementPage;
import io.penstock.ingest.management.ManagementPage.UnknownFilterException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What an ingress shows on the management port: see {@code docs/management-port.md}. */
final class IngressPages {

  private static final String SOURCE = "source";
  private static final String REASON = "reason";

  private IngressPages() {}

  static List<ManagementPage> of(IngressReport report) {
    return List.of(
        new ManagementPage(
            "/refusals",
            Set.of(SOURCE, REASON),
            filters ->
                report.refusals(
                    one(filters, SOURCE, report.sourceNames()),
                    one(filters, REASON, IngressReport.reasonCodes()))),
        new ManagementPage(
            "/sources",
            Set.of(SOURCE),
            filters -> report.sources(one(filters, SOURCE, report.sourceNames()))));
  }

  private static Predicate<String> one(
      Map<String, String> filters, String filter, List<String> known)
      throws UnknownFilterException {
    String value = filters.get(filter);
    if (value == null) {
      return any -> true;
    }
    if (!known.contains(value)) {
      throw new UnknownFilterException(
          "the values of the filter " + filter + " are " + String.join(", ", known));
    }
    return value::equals;
  }
}
