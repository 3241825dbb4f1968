package io.penstock.ingest.auth.bcrypt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BcryptTokenTest {

  private static final Pattern FORM =
      Pattern.compile("\\$2[aby]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}");

  private static final String VALID =
      "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

  @ParameterizedTest
  @CsvSource({"$2a$04, 4", "$2b$09, 9", "$2y$10, 10", "$2b$12, 12", "$2b$29, 29", "$2b$31, 31"})
  void readsTheCost(String start, int cost) {
    assertThat(BcryptToken.parse(start + VALID.substring(6)))
        .isNotNull()
        .extracting(BcryptToken::cost)
        .isEqualTo(cost);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "$",
        "$2a$05$",
        "2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW$",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe\n",
        " $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2c$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2A$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$1a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$00$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$32$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$-5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$5$$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$0a$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$\u0661\u0660$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC+E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe-",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe\u0391",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe$",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe:",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe\0"
      })
  void readsNothingElse(String text) {
    assertThat(BcryptToken.parse(text)).isNull();
  }

  @Test
  void agreesWithItsPatternOnWhateverMutationsMakeOfAToken() {
    Random random = new Random(20261121);
    String alphabet = VALID + "$$$$0123456789abxy./:;@`{-+\0\n \u00ff\u0391\ud800";
    int valid = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder(VALID);
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        int at = random.nextInt(text.length());
        switch (random.nextInt(8)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, c);
          // Where it matters most.
          case 2, 3 -> text.setCharAt(random.nextInt(Math.min(8, text.length())), c);
          default -> text.setCharAt(at, c);
        }
      }
      boolean expected = FORM.matcher(text).matches();
      assertThat(BcryptToken.parse(text.toString()) != null).as("%s", text).isEqualTo(expected);
      valid += expected ? 1 : 0;
    }
    assertThat(valid).as("both kinds are tried").isBetween(1_000, 199_000);
  }

  @Test
  void isRememberedByADigestThatDiffersWithEveryCharacter() {
    Set<BcryptToken.Digest> digests = new HashSet<>();
    int tokens = 0;
    for (int i = 7; i < VALID.length(); i++) {
      char other = VALID.charAt(i) == 'Z' ? 'Y' : 'Z';
      String changed = VALID.substring(0, i) + other + VALID.substring(i + 1);
      digests.add(requireNonNull(BcryptToken.parse(changed)).digest());
      tokens++;
    }
    assertThat(digests).hasSize(tokens);
  }

  @Test
  void showsNothingButItsCost() {
    assertThat(BcryptToken.parse(VALID)).hasToString("BcryptToken[cost=5]");
  }
}
