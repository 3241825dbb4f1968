package io.penstock.ingest.ingress;

import io.penstock.ingest.auth.RequestHead;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The head of an HTTP request. */
record HttpRequestHead(HttpServerRequest request, @Nullable String urlToken)
    implements RequestHead {

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public List<String> headers(String name) {
    return request.headers().getAll(name);
  }

  @Override
  public List<String> queries(String name) {
    return QueryParameters.values(request.query(), name);
  }

  @Override
  public String remoteAddress() {
    SocketAddress address = request.remoteAddress();
    String host = address == null ? null : address.hostAddress();
    return host == null ? "" : host;
  }

  @Override
  public String toString() {
    return "HttpRequestHead"; // it holds credentials
  }
}
