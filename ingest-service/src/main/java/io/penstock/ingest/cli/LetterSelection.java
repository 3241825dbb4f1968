package io.penstock.ingest.cli;

import io.penstock.ingest.deadletter.DeadLetter;
import io.penstock.ingest.deadletter.Selection;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The options that select dead letters. */
final class LetterSelection {

  @Option(names = "--source", paramLabel = "NAME", description = "Of this source; repeatable.")
  private List<String> sources = List.of();

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      description = "For this reason, such as undecodable; repeatable.")
  private List<String> reasons = List.of();

  @Option(
      names = "--receipt-id",
      paramLabel = "ID",
      description = "Of the delivery with this receipt id; repeatable.")
  private List<String> receiptIds = List.of();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Landed since then: 30m, 12h, 3d ago, or 2026-11-26T12:00:00Z.",
      converter = When.Converter.class)
  private @Nullable When since;

  @Parameters(
      paramLabel = "POSITION",
      arity = "0..*",
      description = "Those at these places of the topic, PARTITION-OFFSET as list prints them.",
      converter = PositionConverter.class)
  private List<DeadLetter.Position> positions = List.of();

  Selection selection(InstantSource clock) {
    return new Selection(
        positions,
        Set.copyOf(sources),
        Set.copyOf(reasons),
        Set.copyOf(receiptIds),
        since == null ? null : since.at(clock.instant()));
  }

  /** A position as {@code list} prints it. */
  static final class PositionConverter implements ITypeConverter<DeadLetter.Position> {
    @Override
    public DeadLetter.Position convert(String text) {
      try {
        return DeadLetter.Position.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
