package io.penstock.ingest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A test that runs in Maven's profile {@code thorough} alone, since it takes long and the gate has
 * a shorter test of the same promise. The tables of docs/testing.md list all of these tests.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = Thorough.PROPERTY,
    matches = "true",
    disabledReason = "the gate has a shorter test of this promise: mvn -Pthorough verify")
public @interface Thorough {

  /** The system property that the profile sets. */
  String PROPERTY = "penstock.thorough";

  /** What the gate checks instead, and what it leaves to this test, in Markdown. */
  String value();

  /** Whether this run is thorough, for what is a part of another test. */
  final class Run {
    private Run() {}

    /** What the system property says. */
    public static boolean isThorough() {
      return Boolean.getBoolean(PROPERTY);
    }
  }
}
