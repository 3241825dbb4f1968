package io.penstock.ingest.auth;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A parameter of the address's query, compared with every entry of a list. It must stand there
 * once.
 */
public final class QueryAuthenticator extends HeadAuthenticator {

  private final String parameter;

  /**
   * Accepts any of these values.
   *
   * @param parameter the parameter's name, decoded
   */
  public QueryAuthenticator(String parameter, SecretList values, MatchListener listener) {
    super(values, listener);
    this.parameter = parameter;
  }

  @Override
  public Verdict screen(RequestHead head) {
    List<String> values = head.queries(parameter);
    String value = values.size() == 1 ? values.getFirst() : "";
    return compare(value.getBytes(StandardCharsets.UTF_8));
  }
}
