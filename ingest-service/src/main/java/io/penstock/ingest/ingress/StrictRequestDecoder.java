package io.penstock.ingest.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.penstock.ingest.ingress.Connection.Cause;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests as Vert.x does, but for what RFC 9112 wants otherwise, and for what two readers
 * could take for different requests (sections 5.2, 6.1 and 11.2): that is an invalid request here,
 * and ends its connection. What is demanded of a request, and where it stands, is a table in {@code
 * docs/security.md}. Tells its connection of every byte that comes, and is what can be done with
 * them.
 *
 * <p>One request at a time: whoever sends any of a second before it has the answer to the first is
 * cut off, and nothing of it is decoded. No sender of webhooks does, and Vert.x would keep what
 * waits, for good if its sender goes away.
 *
 * <p>Each byte of a head, and of what frames a body, is looked at a few times at most, however it
 * is cut into segments.
 *
 * <p>Vert.x has no setting for any of this, so its decoder is replaced.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder implements Connection.Wire {

  /** Far more than any provider sends. */
  static final int MAX_HEADERS = 100;

  private final Connections connections;
  private final Troubles troubles;
  private final int longestLine;
  private @Nullable Connection connection;
  private @Nullable ChannelHandlerContext context;
  private boolean inHead = true;
  private boolean afterRequestLine;
  private boolean folded;
  private boolean held;
  private boolean ended;
  private boolean waiting;

  /** How many bytes of a line that has not ended yet have been looked at. */
  private int scanned;

  private int headers;

  StrictRequestDecoder(Http1ServerConfig config, Connections connections, Troubles troubles) {
    super(config);
    this.connections = connections;
    this.troubles = troubles;
    this.longestLine = Math.max(config.getMaxInitialLineLength(), config.getMaxHeaderSize());
  }

  /**
   * A request that is refused before anything is made of it.
   *
   * <p>Its status is what HTTP wants for it; 400 where this is not the cause.
   */
  static final class Refused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;
    private final int status;

    private Refused(int status, String complaint) {
      super(complaint);
      this.status = status;
    }
  }

  /** The status that an invalid request gets. */
  static int status(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return 414;
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return 431;
    }
    return cause instanceof Refused refused ? refused.status : 400;
  }

  /** Whose bytes these are; called once, before any come. */
  void belongsTo(Connection connection) {
    this.connection = connection;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    this.context = context;
    super.handlerAdded(context);
  }

  // What can be done with a connection. None of it goes by Vert.x, which waits for its writes.

  @Override
  public void close() {
    ended = true;
    ChannelHandlerContext here = context;
    if (here != null) {
      ChannelFuture unused = here.close(); // its end is heard of by the channel's closeFuture
    }
  }

  @Override
  public void drop() {
    ended = true;
    ChannelHandlerContext here = context;
    if (here != null) {
      // From the head of the pipeline: TLS would wait until its farewell is taken.
      ChannelHandlerContext first = here.pipeline().firstContext();
      if (first != null) { // null once the channel is gone
        ChannelFuture unused = first.close();
      }
    }
  }

  @Override
  public void reset() {
    ChannelHandlerContext here = context;
    if (here != null && here.channel().isOpen()) {
      here.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    drop();
  }

  @Override
  public void hold() {
    ChannelHandlerContext here = context;
    if (here != null) {
      held = true;
      here.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void goOn() {
    ChannelHandlerContext here = context;
    if (held && here != null) {
      here.executor().execute(() -> goOn(here));
    }
  }

  private void goOn(ChannelHandlerContext here) {
    held = false;
    try {
      if (!here.isRemoved() && here.channel().isOpen()) {
        // What came meanwhile first, and only then what is still to come.
        channelRead(here, Unpooled.EMPTY_BUFFER);
        channelReadComplete(here);
        here.channel().config().setAutoRead(true);
      }
    } catch (Throwable e) {
      exceptionCaught(here, e);
    }
  }

  // What comes.

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      if (ended) {
        bytes.release();
        return;
      }
      if (connection != null && bytes.isReadable()) {
        connection.received(bytes.readableBytes(), connections.now());
      }
    }
    super.channelRead(context, message);
  }

  /** Whatever goes wrong here, and in what reads and writes the channel, ends the connection. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (connection == null) {
      troubles.memory(cause);
      drop();
    } else if (ended && !troubles.memory(cause)) {
      connections.end(connection); // Vert.x says again why a request was refused
    } else if (cause instanceof IOException) {
      connections.end(connection); // its client went away
      reset();
    } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
      connections.close(connection, Cause.INVALID_REQUEST);
    } else {
      troubles.report("A connection failed", SourceMeters.NOBODY, null, cause);
      connections.close(connection, Cause.FAILED);
    }
  }

  /** Nothing more comes, by TCP or by TLS; an answer may still be taken. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    super.userEventTriggered(context, event);
    if (connection != null
        && (event instanceof ChannelInputShutdownEvent
            || event instanceof SslCloseCompletionEvent)) {
      connections.inputEnded(connection);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (ended) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (held) {
      return; // it stays where it is
    }
    boolean isHead = inHead;
    if (isHead) {
      if (connection != null && connection.isBusy()) {
        secondRequest(connection, in);
        return;
      }
    }
    if ((isHead || waiting) && !hasWholeLine(in)) {
      return;
    }
    if (isHead) {
      folded |= hasFoldedLine(in);
    }
    int before = out.size();
    int readable = in.readableBytes();
    super.decode(context, in, out);
    for (int i = before; i < out.size(); i++) {
      Object decoded = out.get(i);
      if (decoded instanceof HttpRequest request) {
        inHead = false;
        if (request.decoderResult().isFailure()) {
          ended = true; // whatever follows is read by nobody
          return;
        }
      } else if (decoded instanceof HttpContent content && content.decoderResult().isFailure()) {
        invalidBody(out, before);
        return;
      }
      if (decoded instanceof LastHttpContent) {
        inHead = true;
        afterRequestLine = false;
        folded = false;
        headers = 0;
      }
    }
    // Of a head, all lines that had ended are gone. Of a body, only a line can be waited for: a
    // chunk's length, or a trailer.
    waiting = in.readableBytes() == readable && out.size() == before;
    scanned = (isHead && inHead) || waiting ? in.readableBytes() : 0;
  }

  /** Nothing is made of what its client did not end. */
  @Override
  protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    in.skipBytes(in.readableBytes());
  }

  /** Empty lines do no harm (RFC 9112, section 2.2). Anything else does. */
  private void secondRequest(Connection busy, ByteBuf in) {
    while (in.isReadable()) {
      byte next = in.readByte();
      if (next != '\r' && next != '\n') {
        in.skipBytes(in.readableBytes());
        connections.close(busy, Cause.PIPELINED);
      }
    }
  }

  private void invalidBody(List<Object> out, int before) {
    while (out.size() > before) {
      ReferenceCountUtil.release(out.remove(out.size() - 1));
    }
    if (connection != null) {
      connections.close(connection, Cause.INVALID_REQUEST);
    } else {
      drop();
    }
  }

  /** Whether there is anything new to decode; looks at new bytes alone. */
  private boolean hasWholeLine(ByteBuf in) {
    int feed = in.indexOf(in.readerIndex() + scanned, in.writerIndex(), (byte) '\n');
    if (feed < 0 && in.readableBytes() <= longestLine) {
      scanned = in.readableBytes();
      return false;
    }
    return true;
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

  // What is demanded.

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    afterRequestLine = true;
    if (!isToken(initialLine[0])) {
      throw new Refused(400, "the method is none");
    }
    String version = initialLine[2];
    if (!isVersion(version)) {
      throw new Refused(400, "the version is none");
    }
    if (version.charAt(5) != '1') {
      throw new Refused(505, "another major version");
    }
    if (version.charAt(7) > '1') {
      // RFC 9110, section 2.5: as the highest version that we know.
      return super.createMessage(
          new String[] {initialLine[0], initialLine[1], HttpVersion.HTTP_1_1.text()});
    }
    return super.createMessage(initialLine);
  }

  /** RFC 9112, section 2.3: to the letter, of which case matters. */
  private static boolean isVersion(String text) {
    return text.length() == 8
        && text.startsWith("HTTP/")
        && isDigit(text.charAt(5))
        && text.charAt(6) == '.'
        && isDigit(text.charAt(7));
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
    Refused complaint = complaint(message);
    if (complaint != null) {
      throw complaint;
    }
    return super.isContentAlwaysEmpty(message);
  }

  private @Nullable Refused complaint(HttpMessage message) {
    HttpHeaders all = message.headers();
    if (folded) {
      return new Refused(400, "a folded header");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> each = all.iteratorCharSequence();
    while (each.hasNext()) {
      if (!isToken(each.next().getKey())) {
        return new Refused(400, "a header's name is none");
      }
    }
    List<String> lengths = all.getAll(HttpHeaderNames.CONTENT_LENGTH);
    if (lengths.size() > 1 || (lengths.size() == 1 && !isLength(lengths.get(0)))) {
      return new Refused(400, "not one length");
    }
    Refused coding = coding(message, all.getAll(HttpHeaderNames.TRANSFER_ENCODING), lengths);
    if (coding != null) {
      return coding;
    }
    List<String> hosts = all.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1
        || (hosts.isEmpty() && message.protocolVersion().equals(HttpVersion.HTTP_1_1))
        || (hosts.size() == 1 && !isHost(hosts.get(0)))) {
      return new Refused(400, "not one host");
    }
    return null;
  }

  private static @Nullable Refused coding(
      HttpMessage message, List<String> codings, List<String> lengths) {
    if (codings.isEmpty()) {
      return null;
    }
    if (!lengths.isEmpty() || !message.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return new Refused(400, "not one framing");
    }
    String coding = codings.get(0);
    if (codings.size() == 1 && coding.equalsIgnoreCase("chunked")) {
      return null;
    }
    String[] each = String.join(",", codings).split(",", -1);
    boolean isFramed = each[each.length - 1].strip().equalsIgnoreCase("chunked");
    for (int i = 0; i < each.length - 1; i++) {
      String other = each[i].strip();
      isFramed &= isToken(other) && !other.equalsIgnoreCase("chunked");
    }
    // Where the end of a body can be found, it is only its coding that we do not know.
    return isFramed
        ? new Refused(501, "a transfer coding that is not known")
        : new Refused(400, "not one framing");
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c);
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
      if (!isAlphanumeric(c) && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return name.length() > 0;
  }

  /**
   * RFC 9110, section 7.2, and RFC 3986, section 3.2.2: a name or an address, and perhaps a port.
   * May be empty.
   */
  private static boolean isHost(String text) {
    int end = 0;
    if (text.startsWith("[")) {
      end = text.indexOf(']') + 1;
      if (end == 0 || !consistsOf(text, 1, end - 1, "-._~!$&'()*+,;=:")) {
        return false;
      }
    } else {
      int colon = text.indexOf(':');
      end = colon < 0 ? text.length() : colon;
      if (!consistsOf(text, 0, end, "-._~!$&'()*+,;=%")) {
        return false;
      }
    }
    if (end == text.length()) {
      return true;
    }
    return text.charAt(end) == ':'
        && text.substring(end + 1).chars().allMatch(c -> isDigit((char) c));
  }

  private static boolean consistsOf(String text, int start, int end, String others) {
    for (int i = start; i < end; i++) {
      if (!isAlphanumeric(text.charAt(i)) && others.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }
}
