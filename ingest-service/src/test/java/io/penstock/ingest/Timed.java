package io.penstock.ingest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A test whose verdict depends on the clock. It says as much of the machine as of the code, so it
 * runs in Maven's profile {@code timed} alone: see docs/testing.md.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = Timed.PROPERTY,
    matches = "true",
    disabledReason = "its verdict depends on the clock: mvn -Ptimed verify")
public @interface Timed {

  /** The system property that the profile sets. */
  String PROPERTY = "penstock.timed";

  /** Whether the clock is to judge in this run, for what is a part of another test. */
  final class Run {
    private Run() {}

    /** What the system property says. */
    public static boolean isTimed() {
      return Boolean.getBoolean(PROPERTY);
    }
  }
}
