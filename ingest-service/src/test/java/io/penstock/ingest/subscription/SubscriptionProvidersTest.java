package io.penstock.ingest.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.config.SubscriptionKind;
import io.penstock.ingest.config.SubscriptionKind.Way;
import io.penstock.ingest.provider.EventSchemas;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be registered at a provider is what its schema knows. */
class SubscriptionProvidersTest {

  /**
   * Types that a schema has and no registration: Matterport sends a ping when it is asked to, and
   * of CSM's older types its page says that they may still come.
   */
  private static final Map<String, Set<String>> NOT_REGISTERED =
      Map.of(
          "matterport",
          Set.of("ping"),
          "csm",
          Set.of(
              "spin_generate_processing",
              "spin_generate_done",
              "spin_generate_failed",
              "preview_done",
              "preview_failed",
              "refine_done",
              "refine_failed"));

  @ParameterizedTest
  @MethodSource("io.penstock.ingest.subscription.SubscriptionProviders#all")
  void everyTypeOfTheSchemaCanBeRegisteredAndNoOther(SubscriptionProvider of) {
    SubscriptionKind kind = of.kind();
    Provider provider =
        Providers.all().stream()
            .filter(each -> each.name().equals(kind.provider()))
            .findFirst()
            .orElseThrow();
    Set<String> expected = new TreeSet<>(EventSchemas.types(provider.schema()));
    expected.removeAll(NOT_REGISTERED.getOrDefault(kind.provider(), Set.of()));
    Set<String> registered = new TreeSet<>();
    kind.events().values().forEach(registered::addAll);

    assertThat(registered).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("io.penstock.ingest.subscription.SubscriptionProviders#all")
  void aProviderWithAnApiIsNotOneByHand(SubscriptionProvider of) {
    assertThat(of.kind().way())
        .isInstanceOf(
            switch (of) {
              case SubscriptionProvider.ByApi api -> Way.Api.class;
              case SubscriptionProvider.ByHand page -> Way.Dashboard.class;
            });
  }
}
