package io.penstock.ingest.auth.hmac;

import io.penstock.ingest.auth.HeaderName;
import io.penstock.ingest.auth.hmac.SignedText.Kind;
import io.penstock.ingest.config.SecretRef;
import io.penstock.ingest.config.Section;
import io.penstock.ingest.config.Value;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how a sender signs: a preset's way, of which each key can be set otherwise, or any. */
final class HmacSettings {

  private static final Pattern PREFIX = Pattern.compile("[\\x21-\\x7E]{0,50}");
  private static final Pattern MEMBER = Pattern.compile("[A-Za-z0-9_.-]{1,50}");
  private static final Pattern URL =
      Pattern.compile("https?://[^/?#@\\s\\p{Cntrl}]{1,255}(?:[/?#][\\x21-\\x7E]{0,1000})?");

  private final Section section;
  private final @Nullable Preset preset;

  private HmacSettings(Section section) {
    this.section = section;
    String key = section.value("preset").oneOf(Preset.keys(), "preset", "");
    this.preset = Preset.BY_KEY.get(key);
  }

  /** Reads the keys of the type {@code hmac}. */
  static Hmac read(Section section) {
    return new HmacSettings(section).read();
  }

  private Hmac read() {
    List<SecretRef> secrets = section.secrets("secrets");
    Value headerValue = preset == null ? section.required("header") : section.value("header");
    String header = HeaderName.read(headerValue, preset == null ? "x-signature" : preset.header());
    String algorithm =
        section
            .value("algorithm")
            .oneOf(
                Arrays.stream(Algorithm.values()).map(Algorithm::key).toList(),
                "algorithm",
                (preset == null ? Algorithm.SHA256 : preset.algorithm()).key());
    String encoding =
        section
            .value("encoding")
            .oneOf(
                Arrays.stream(Encoding.values()).map(Encoding::key).toList(),
                "encoding",
                (preset == null ? Encoding.HEX : preset.encoding()).key());
    String prefix =
        section
            .value("prefix")
            .matching(
                PREFIX,
                "must be visible ASCII, of up to 50 characters",
                preset == null ? "" : preset.prefix());
    String member =
        section
            .value("member")
            .matching(
                MEMBER,
                "must be the name of a member of the header, such as v1",
                preset == null ? "" : preset.member());
    SignedText signs = signs();
    Timestamp timestamp = timestamp(member);
    Scheme scheme =
        new Scheme(
            header,
            Algorithm.valueOf(algorithm.toUpperCase(Locale.ROOT)),
            Encoding.valueOf(encoding.toUpperCase(Locale.ROOT)),
            prefix,
            member,
            signs,
            timestamp,
            url(signs));
    return new Hmac(secrets, scheme, tolerance(signs, timestamp));
  }

  private SignedText signs() {
    String standard = preset == null ? "{body}" : preset.signs();
    Value value = section.value("signs");
    return switch (SignedText.read(value.text(standard))) {
      case SignedText.Template.Usable usable -> usable.text();
      case SignedText.Template.Unusable unusable -> {
        value.problem(unusable.problem());
        yield new SignedText(List.of(new SignedText.Part.Placeholder(Kind.BODY)));
      }
    };
  }

  private Timestamp timestamp(String member) {
    Value value = section.value("timestamp");
    String text = value.text(preset == null ? "" : preset.timestamp());
    if (text.isEmpty()) {
      return new Timestamp.None();
    }
    Timestamp timestamp = Timestamp.of(text);
    boolean isNamed =
        switch (timestamp) {
          case Timestamp.None none -> false;
          case Timestamp.Header header -> HeaderName.isName(header.name());
          case Timestamp.Member named -> MEMBER.matcher(named.name()).matches();
        };
    if (!isNamed) {
      value.problem("must be header: or member: and a name");
    } else if (timestamp instanceof Timestamp.Member && member.isEmpty()) {
      value.problem("can stand in a member of the header only where member is set too");
    }
    return timestamp;
  }

  private String url(SignedText signs) {
    if (!signs.has(Kind.URL)) {
      Value value = section.value("url");
      if (value.isPresent()) {
        value.problem("goes only with {url} in signs");
      }
      return "";
    }
    return section
        .required("url")
        .matching(
            URL,
            "must be the address that the sender sends to, exactly as it is registered there:"
                + " http:// or https://, without a user's name",
            "");
  }

  private @Nullable Duration tolerance(SignedText signs, Timestamp timestamp) {
    Value value = section.value("tolerance");
    boolean isTimed = !(timestamp instanceof Timestamp.None);
    if (isTimed && !signs.has(Kind.TIMESTAMP)) {
      section.problem("signs", "must have {timestamp}: a time that is not signed proves nothing");
    }
    if (!isTimed && signs.has(Kind.TIMESTAMP)) {
      section.problem("timestamp", "is required where signs has {timestamp}");
    }
    Duration tolerance =
        value.duration(Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofMinutes(5));
    if (!isTimed && value.isPresent()) {
      value.problem("goes only with timestamp");
    }
    return isTimed ? tolerance : null;
  }
}
