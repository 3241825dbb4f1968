package io.penstock.ingest;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may use which, and what no package may use. A change here needs a reason. */
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

  private static String[] packages(List<String> names) {
    return names.stream().map(name -> ROOT + "." + name + "..").toArray(String[]::new);
  }

  /**
   * The packages from the bottom up, each with those of ours that it may use. A package stands
   * behind all that it uses, so there is no way up.
   */
  private static final List<String> LAYERS =
      List.of(
          "files:",
          "config: files",
          "delivery:",
          "json:",
          "observability:",
          "management: observability",
          "auth: config files json observability",
          "provider: config json",
          "registry: config",
          "cluster: config observability provider",
          "pausing: cluster config observability",
          "sample: auth config json provider",
          "spool: observability",
          "landing: cluster config delivery observability spool",
          "source: auth config json observability provider",
          "subscription: auth config files observability",
          "tracing: config delivery",
          "ingress: auth config delivery files json landing observability provider source tracing",
          "deadletter: cluster config delivery landing provider registry",
          "lookup: cluster config deadletter delivery landing pausing provider registry",
          "pipeline: cluster config delivery landing observability pausing provider registry"
              + " tracing",
          "console: auth cluster config deadletter delivery json landing lookup observability pausing"
              + " provider registry sample source",
          "warmup: auth config delivery ingress landing management provider source tracing",
          "service: auth cluster config console delivery ingress landing management observability"
              + " pipeline provider source subscription tracing warmup",
          "dev: auth cluster config json lookup observability provider registry sample service warmup",
          "cli: auth cluster config deadletter delivery dev files landing lookup observability pausing"
              + " provider registry service source subscription");

  static Stream<Arguments> layers() {
    return LAYERS.stream()
        .map(
            layer -> {
              String name = layer.substring(0, layer.indexOf(':'));
              String used = layer.substring(name.length() + 1).strip();
              return Arguments.of(
                  name, Stream.of(used.split(" ", -1)).filter(each -> !each.isEmpty()).toList());
            });
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aPackageUsesNoMoreOfOursThanItMay(String name, List<String> used) {
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
  void aPackageStandsAboveAllThatItUses() {
    List<String> below = new ArrayList<>();
    layers()
        .map(Arguments::get)
        .forEach(
            layer -> {
              String name = (String) layer[0];
              for (Object used : (List<?>) layer[1]) {
                assertThat(below).as("%s uses %s", name, used).contains((String) used);
              }
              below.add(name);
            });
  }

  @Test
  void everyPackageHasItsPlace() {
    check(
        classes()
            .should()
            .resideInAnyPackage(
                Stream.concat(
                        Stream.of(ROOT), layers().map(each -> ROOT + "." + each.get()[0] + ".."))
                    .toArray(String[]::new)));
  }

  @Test
  void packagesDoNotDependOnEachOtherInCircles() {
    check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
  }

  @Test
  void nothingUsesTheProgram() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT));
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
            .resideOutsideOfPackage(ROOT + ".cli..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".service.Service")
            .should()
            .callMethodWhere(askAStaticClock));
  }

  @Test
  void thereIsOneWayToLog() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".observability.LogQueue")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".observability.LogLevels")
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
            .resideOutsideOfPackage(ROOT + ".cli..")
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
