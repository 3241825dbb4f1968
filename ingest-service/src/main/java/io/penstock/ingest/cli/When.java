package io.penstock.ingest.cli;

import io.penstock.ingest.config.Units;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as an operator writes it. */
sealed interface When {

  /** The instant that is meant. */
  Instant at(Instant now);

  /** So long ago. */
  record Ago(Duration duration) implements When {
    @Override
    public Instant at(Instant now) {
      return now.minus(duration);
    }
  }

  /** An instant. */
  record At(Instant instant) implements When {
    @Override
    public Instant at(Instant now) {
      return instant;
    }
  }

  /** Reads a duration as the configuration writes them, or a time of ISO 8601 with its zone. */
  final class Converter implements ITypeConverter<When> {
    @Override
    public When convert(String text) {
      return Units.millis(text)
          .<When>map(millis -> new Ago(Duration.ofMillis(millis)))
          .orElseGet(
              () -> {
                try {
                  return new At(OffsetDateTime.parse(text).toInstant());
                } catch (DateTimeParseException e) {
                  throw new TypeConversionException(
                      text + " is no time: 30m, 12h or 3d ago, or 2026-11-26T12:00:00Z");
                }
              });
    }
  }
}
