package io.penstock.ingest;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which package may use which, and what no package may use. Think hard before changing a line. */
class ArchitectureTest {

  private static final String ROOT = "io.penstock.ingest";

  private static JavaClasses main;

  @BeforeAll
  static void read() {
    main =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
  }

  private static void check(ArchRule rule) {
    rule.check(main);
  }

  private static DescribedPredicate<JavaClass> ours() {
    return resideInAPackage(ROOT + "..");
  }

  private static String[] packages(String names) {
    String[] packages = names.isBlank() ? new String[0] : names.split(" ");
    for (int i = 0; i < packages.length; i++) {
      packages[i] = ROOT + "." + packages[i] + "..";
    }
    return packages;
  }

  /**
   * A package and all of ours that it may use. The roots ({@code Service}, {@code Penstock}) and
   * {@code dev} put everything together and may use everything.
   */
  @ParameterizedTest
  @CsvSource({
    "config, files",
    "delivery, ''",
    "files, ''",
    "json, ''",
    "management, ''",
    "observability, ''",
    "auth, config files json observability",
    "provider, json",
    "registry, config",
    "cluster, config observability provider",
    "landing, cluster config delivery observability spool",
    "spool, config delivery landing observability",
    "source, auth config json observability provider",
    "tracing, config delivery",
    "ingress, auth config delivery files json landing observability provider source tracing",
    "deadletter, cluster config delivery landing provider registry",
    "pipeline, cluster config delivery landing observability provider registry tracing",
  })
  void aPackageUsesNoMoreOfOursThanItMay(String name, String used) {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + "." + name + "..")
            .should()
            .dependOnClassesThat(
                ours()
                    .and(DescribedPredicate.not(resideInAPackage(ROOT + "." + name + "..")))
                    .and(DescribedPredicate.not(resideInAnyPackage(packages(used))))));
  }

  @Test
  void everyPackageHasItsRule() {
    Set<String> ruled =
        Set.of(
            "auth",
            "cluster",
            "config",
            "deadletter",
            "delivery",
            "dev",
            "files",
            "ingress",
            "json",
            "landing",
            "management",
            "observability",
            "pipeline",
            "provider",
            "registry",
            "source",
            "spool",
            "tracing");
    check(
        classes()
            .should()
            .resideInAnyPackage(
                java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(ROOT),
                        ruled.stream().map(name -> ROOT + "." + name + ".."))
                    .toArray(String[]::new)));
  }

  @Test
  void packagesDoNotDependOnEachOtherInCircles() {
    check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
  }

  @Test
  void aProviderKnowsNoOther() {
    check(slices().matching(ROOT + ".provider.(*)..").should().notDependOnEachOther());
  }

  @Test
  void onlyDevStartsALocalStack() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".dev..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.penstock.localstack.."));
  }

  @Test
  void theTimeComesInThroughConstructors() {
    Map<String, Set<String>> clocks =
        Map.of(
            "java.lang.System", Set.of("currentTimeMillis"),
            "java.time.Instant", Set.of("now"),
            "java.time.LocalDateTime", Set.of("now"),
            "java.time.OffsetDateTime", Set.of("now"),
            "java.time.ZonedDateTime", Set.of("now"),
            "java.time.LocalDate", Set.of("now"),
            "java.time.InstantSource", Set.of("system"),
            "java.time.Clock",
                Set.of("systemUTC", "systemDefaultZone", "system", "tickMillis", "tickSeconds"));
    DescribedPredicate<JavaMethodCall> askAStaticClock =
        describe(
            "ask a static clock",
            call -> {
              AccessTarget.MethodCallTarget target = call.getTarget();
              return clocks
                  .getOrDefault(target.getOwner().getName(), Set.of())
                  .contains(target.getName());
            });
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".dev..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".Service")
            .and()
            .haveNameNotMatching(ROOT.replace(".", "\\.") + "\\.DeadLetterCommands.*")
            .should()
            .callMethodWhere(askAStaticClock));
  }

  @Test
  void thereIsOneWayToLog() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".observability.LogQueue")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.util.logging..", "org.apache.logging..", "io.vertx.core.impl.logging.."));
  }

  @Test
  void onlyTheCommandLineWritesToTheConsole() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".dev..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".Penstock")
            .and()
            .haveNameNotMatching(ROOT.replace(".", "\\.") + "\\.DeadLetterCommands.*")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"));
  }

  /**
   * Everything that compares what a stranger sent with a secret does so by {@code
   * MessageDigest.isEqual}. The two that are named compare what is public: a prefix, and the
   * spelling of base64.
   */
  @Test
  void authenticatorsCompareBytesInConstantTime() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(ROOT + ".auth..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".auth.standardwebhooks.WebhookKey")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".auth.standardwebhooks.SignedHead")
            .should()
            .callMethodWhere(
                describe(
                    "compare until something differs",
                    (JavaMethodCall call) ->
                        Set.of("equals", "contentEquals", "compare", "compareTo", "mismatch")
                                .contains(call.getTarget().getName())
                            && Set.of("java.util.Arrays", "java.lang.String", "java.util.Objects")
                                .contains(call.getTarget().getOwner().getName()))));
  }

  @Test
  void nothingSleeps() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".dev..")
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", java.time.Duration.class));
  }

  @Test
  void namesSayWhatAThingIs() {
    String drawer = ".*([Uu]til|[Uu]tils|[Uu]tility|[Hh]elper|[Mm]anager)";
    check(noClasses().should().haveNameMatching(drawer));
    check(noFields().should().haveNameMatching(drawer));
    check(
        noClasses()
            .should()
            .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..impl.."));
  }
}
