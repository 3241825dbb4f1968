package io.penstock.ingest.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests as Vert.x does, but for what two readers could take for different requests (RFC
 * 9112, sections 5.2, 6.1 and 11.2): that is an invalid request here, and ends its connection.
 * Tells its connection of every byte that comes.
 *
 * <p>Vert.x has no setting for this, so its decoder is replaced.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

  /** Far more than any provider sends. */
  static final int MAX_HEADERS = 100;

  private final Connections connections;
  private final Connection connection;
  private boolean inHead = true;
  private boolean afterRequestLine;
  private boolean folded;
  private int headers;

  StrictRequestDecoder(Http1ServerConfig config, Connections connections, Connection connection) {
    super(config);
    this.connections = connections;
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      connection.received(bytes.readableBytes(), connections.now());
      if (!context.channel().isWritable()) {
        // Its answers would pile up here.
        bytes.release();
        connections.close(connection, Connection.Cause.UNREAD_ANSWERS);
        return;
      }
    }
    super.channelRead(context, message);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (inHead) {
      folded |= hasFoldedLine(in);
    }
    int before = out.size();
    super.decode(context, in, out);
    for (int i = before; i < out.size(); i++) {
      Object decoded = out.get(i);
      if (decoded instanceof HttpRequest) {
        inHead = false;
      }
      if (decoded instanceof LastHttpContent) {
        inHead = true;
        afterRequestLine = false;
        folded = false;
        headers = 0;
      }
    }
  }

  /** Whether a line of this head begins with a space; what has come begins with a line. */
  private boolean hasFoldedLine(ByteBuf in) {
    int end = in.writerIndex();
    boolean first = !afterRequestLine;
    for (int line = in.readerIndex(); line < end; ) {
      byte start = in.getByte(line);
      if (!first && (start == ' ' || start == '\t')) {
        return true;
      }
      if (!first && (start == '\r' || start == '\n')) {
        return false; // the head's end
      }
      // Before a request line there may be empty ones.
      first &= start == '\r' || start == '\n';
      int feed = in.indexOf(line, end, (byte) '\n');
      line = feed < 0 ? end : feed + 1;
    }
    return false;
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    afterRequestLine = true;
    return super.createMessage(initialLine);
  }

  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    if (++headers > MAX_HEADERS) {
      throw new TooLongHttpHeaderException("more than " + MAX_HEADERS + " headers");
    }
    return super.splitHeaderName(bytes, start, length);
  }

  /** Asked once a head is complete, before anything is made of it. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    String complaint = complaint(message);
    if (complaint != null) {
      throw new IllegalArgumentException(complaint);
    }
    return super.isContentAlwaysEmpty(message);
  }

  private @Nullable String complaint(HttpMessage message) {
    HttpHeaders all = message.headers();
    if (folded) {
      return "a folded header";
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> each = all.iteratorCharSequence();
    while (each.hasNext()) {
      if (!isToken(each.next().getKey())) {
        return "a header's name is none";
      }
    }
    List<String> lengths = all.getAll(HttpHeaderNames.CONTENT_LENGTH);
    if (lengths.size() > 1 || (lengths.size() == 1 && !isLength(lengths.get(0)))) {
      return "not one length";
    }
    List<String> encodings = all.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!encodings.isEmpty()
        && (encodings.size() > 1
            || !encodings.get(0).equalsIgnoreCase("chunked")
            || !lengths.isEmpty()
            || !message.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
      return "not one framing";
    }
    return all.getAll(HttpHeaderNames.HOST).size() > 1 ? "more than one host" : null;
  }

  private static boolean isLength(String text) {
    return !text.isEmpty()
        && text.length() <= 18
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** RFC 9110, section 5.6.2. */
  private static boolean isToken(CharSequence name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return name.length() > 0;
  }
}
