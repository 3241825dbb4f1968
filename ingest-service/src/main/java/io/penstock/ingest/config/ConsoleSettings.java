package io.penstock.ingest.config;

import io.penstock.ingest.config.Configuration.HttpConfig;
import io.penstock.ingest.config.ConsoleConfig.Access;
import io.penstock.ingest.config.ConsoleConfig.Right;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code console}: where it listens, who may look, and what it may do. */
final class ConsoleSettings {

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,255}");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");

  /** No name of a host: it would be looked up. */
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*");

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|::1|0:0:0:0:0:0:0:1");

  private static final String USER_FORM = "must be 1 to 64 of the characters A-Z a-z 0-9 . _ @ -";

  private static final Map<String, Right> RIGHTS = rights();

  private ConsoleSettings() {}

  private static Map<String, Right> rights() {
    Map<String, Right> rights = new LinkedHashMap<>();
    rights.put("read-only", Right.READ_ONLY);
    rights.put("operator", Right.OPERATOR);
    return rights;
  }

  /** What {@code access[].type} may be. */
  static Set<String> types() {
    return Set.of("token", "basic", "proxy");
  }

  static ConsoleConfig read(Section console, HttpConfig http) {
    Value hostValue = console.value("host");
    String host =
        hostValue.matching(HOST, "must be a host name or address", ConsoleConfig.DEFAULT_HOST);
    Value portValue = console.value("port");
    int port = portValue.integer(0, 65535, ConsoleConfig.DEFAULT_PORT);
    if (portValue.isPresent()
        && port != 0
        && (port == http.port() || port == http.managementPort())) {
      portValue.problem("must differ from http.port and http.management-port");
    }
    String url = address(console.value("url"));
    String ingressUrl = address(console.value("ingress-url"));
    boolean samples =
        console.value("samples").oneOf(Set.of("allow", "deny"), "choice", "deny").equals("allow");
    List<String> instances = new ArrayList<>();
    for (Value instance : console.values("instances")) {
      String at = address(instance);
      if (at != null) {
        instances.add(at);
      }
    }
    List<Access> access = access(console);
    if (access.isEmpty() && !LOOPBACK.matcher(host).matches()) {
      hostValue.problem(
          "must be a loopback address such as 127.0.0.1 where console.access is not given: the"
              + " console shows deliveries and can send them again");
    }
    return new ConsoleConfig(host, port, url, ingressUrl, samples, instances, access);
  }

  private static @Nullable String address(Value value) {
    if (!value.isPresent()) {
      return null;
    }
    String text = value.text("");
    String complaint =
        ClusterSettings.complaintAboutUrl(text, "", " such as https://hooks.example.com");
    if (complaint == null && text.indexOf('?') >= 0) {
      complaint = "must not have a query";
    }
    if (complaint != null) {
      value.problem(complaint);
      return null;
    }
    return text.replaceAll("/+$", "");
  }

  private static List<Access> access(Section console) {
    List<Access> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    console.optionalSections(
        "access",
        section -> {
          String type = section.required("type").oneOf(types(), "type", "");
          switch (type) {
            case "token" ->
                all.add(new Access.Token(name(section, names), right(section), secrets(section)));
            case "basic" ->
                all.add(new Access.Basic(name(section, names), right(section), secrets(section)));
            case "proxy" -> all.add(proxy(section));
            default -> section.toleratesUnknownKeys();
          }
          return section;
        });
    if (all.stream().filter(Access.Proxy.class::isInstance).count() > 1) {
      console.problem("access", "has more than one of type proxy: list all addresses in one");
    }
    return all;
  }

  private static Access.Proxy proxy(Section section) {
    String header =
        section
            .required("header")
            .matching(HEADER, "must be the name of a header", "x-forwarded-user")
            .toLowerCase(Locale.ROOT);
    Set<String> addresses = new HashSet<>();
    List<Value> given = section.values("addresses");
    if (given.isEmpty()) {
      section.problem(
          "addresses", "is required: the header counts only where it comes from one of them");
    }
    for (Value value : given) {
      String literal = value.text("");
      try {
        if (!ADDRESS.matcher(literal).matches()) {
          value.problem("must be an IP address");
        } else {
          addresses.add(InetAddress.getByName(literal).getHostAddress());
        }
      } catch (UnknownHostException e) {
        value.problem("must be an IP address");
      }
    }
    Set<String> operators = new HashSet<>();
    for (Value value : section.values("operators")) {
      operators.add(value.matching(USER, USER_FORM, ""));
    }
    return new Access.Proxy(header, addresses, right(section), operators);
  }

  private static String name(Section section, Set<String> names) {
    Value value = section.required("name");
    String name = value.matching(USER, USER_FORM, "");
    if (!name.isEmpty() && !names.add(name)) {
      value.problem("is given twice");
    }
    return name;
  }

  private static Right right(Section section) {
    String right = section.required("right").oneOf(RIGHTS.keySet(), "right", "read-only");
    return RIGHTS.getOrDefault(right, Right.READ_ONLY);
  }

  private static List<SecretRef> secrets(Section section) {
    List<SecretRef> secrets = section.secrets("secrets");
    section.noteSecrets(ConsoleConfig.LEAST_SECRET_BYTES);
    return secrets;
  }
}
