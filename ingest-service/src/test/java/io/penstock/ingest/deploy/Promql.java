package io.penstock.ingest.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of PromQL's grammar that is needed to split expressions. */
public final class Promql {

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:(?<string>\"(?:\\\\.|[^\"\\\\])*\"|'(?:\\\\.|[^'\\\\])*')"
              + "|(?<braces>\\{(?:\"(?:\\\\.|[^\"\\\\])*\"|[^}\"])*})"
              + "|(?<range>\\[[^]]*])"
              + "|(?<number>[0-9][0-9a-zA-Z_.]*)"
              + "|(?<word>[a-zA-Z_:][a-zA-Z0-9_:]*)"
              + "|(?<operator>==|!=|>=|<=|[-+*/%^<>])"
              + "|(?<mark>[(),]))\\s*");

  private static final Set<String> COMPARISONS = Set.of("==", "!=", ">", "<", ">=", "<=");
  private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "bool", "offset");
  private static final Set<String> BEFORE_LABELS =
      Set.of("by", "without", "on", "ignoring", "group_left", "group_right");

  private Promql() {}

  /** The names of all the series that an expression reads. */
  public static Set<String> seriesNames(String expression) {
    List<String> tokens = tokens(expression);
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      if (BEFORE_LABELS.contains(token)) {
        i = tokens.subList(i, tokens.size()).indexOf(")") + i;
      } else if (isWord(token)
          && !KEYWORDS.contains(token)
          && !isFollowedByArguments(tokens, i + 1)) {
        names.add(token);
      }
    }
    return names;
  }

  /** The name of a function or an aggregation is followed by a parenthesis or by its labels. */
  private static boolean isFollowedByArguments(List<String> tokens, int next) {
    return next < tokens.size()
        && (tokens.get(next).equals("(") || BEFORE_LABELS.contains(tokens.get(next)));
  }

  /**
   * The parts of an expression that must have data on a healthy system with a short history, if the
   * expression can have data at all. Each part is the expression, or one operand of its {@code or},
   * with these changes:
   *
   * <ul>
   *   <li>comparisons do not filter ({@code bool}), so that they have data if both sides have data
   *       and their labels match
   *   <li>{@code unless} is {@code and}, for the same reason
   *   <li>{@code absent(x)} is {@code x}
   *   <li>{@code offset} is left out, since there is no old data. Ranges stay
   * </ul>
   *
   * @throws IllegalArgumentException if an {@code or} is inside another expression, where one side
   *     could hide that the other has no data
   */
  public static List<String> operands(String expression) {
    List<String> tokens = withoutOuterParentheses(tokens(expression));
    List<List<String>> branches = new ArrayList<>();
    List<String> branch = new ArrayList<>();
    int depth = 0;
    for (String token : tokens) {
      depth += token.equals("(") ? 1 : token.equals(")") ? -1 : 0;
      if (depth == 0 && token.equals("or")) {
        branches.add(branch);
        branch = new ArrayList<>();
      } else {
        branch.add(token);
      }
    }
    branches.add(branch);
    List<String> operands = new ArrayList<>();
    for (List<String> one : branches) {
      if (branches.size() > 1) {
        operands.addAll(operands(String.join(" ", one)));
      } else if (one.contains("or")) {
        throw new IllegalArgumentException("'or' must stand outside of everything: " + expression);
      } else {
        operands.add(unfiltered(one));
      }
    }
    return operands;
  }

  private static List<String> withoutOuterParentheses(List<String> tokens) {
    if (!tokens.getFirst().equals("(")) {
      return tokens;
    }
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += tokens.get(i).equals("(") ? 1 : tokens.get(i).equals(")") ? -1 : 0;
      if (depth == 0) {
        return i == tokens.size() - 1
            ? withoutOuterParentheses(tokens.subList(1, tokens.size() - 1))
            : tokens;
      }
    }
    throw new IllegalArgumentException("a parenthesis is not closed: " + tokens);
  }

  private static String unfiltered(List<String> tokens) {
    List<String> unfiltered = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      String next = i + 1 < tokens.size() ? tokens.get(i + 1) : "";
      if (token.equals("offset")) {
        i++;
      } else if (token.equals("unless")) {
        unfiltered.add("and");
      } else if (!(token.equals("absent") && next.equals("("))) {
        unfiltered.add(token);
        if (COMPARISONS.contains(token) && !next.equals("bool")) {
          unfiltered.add("bool");
        }
      }
    }
    return String.join(" ", unfiltered);
  }

  private static boolean isWord(String token) {
    char first = token.charAt(0);
    return Character.isLetter(first) || first == '_' || first == ':';
  }

  private static List<String> tokens(String expression) {
    Matcher matcher = TOKEN.matcher(expression);
    List<String> tokens = new ArrayList<>();
    int end = 0;
    while (end < expression.length()) {
      matcher.region(end, expression.length());
      if (!matcher.lookingAt()) {
        throw new IllegalArgumentException("no PromQL: " + expression.substring(end));
      }
      tokens.add(matcher.group().strip());
      end = matcher.end();
    }
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException("an empty expression");
    }
    return tokens;
  }
}
