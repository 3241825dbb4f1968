package io.penstock.ingest.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.penstock.ingest.ingress.Connection.Cause;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests as Vert.x does, but for what RFC 9112 wants otherwise, and for what two readers
 * could take for different requests (sections 5.2, 6.1 and 11.2): that is an invalid request here,
 * and ends its connection. What is demanded of a request, and where it stands, is a table in {@code
 * docs/security.md}. Reports every byte to its connection, and is the connection's {@link
 * Connection.Wire}.
 *
 * <p>One request at a time: a client that sends any byte of a second before it has the answer to
 * the first is cut off, and nothing of the second is decoded. No sender of webhooks does this, and
 * Vert.x would keep what waits, for ever if its sender goes away.
 *
 * <p>Each byte of a head, and of what frames a body, is looked at a few times at most, however it
 * is cut into segments.
 *
 * <p>Vert.x has no setting for any of this, so its decoder is replaced.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder implements Connection.Wire {

  private final OpenConnections connections;
  private final Troubles troubles;
  private final HeadScan scan;
  private @Nullable Connection connection;
  private @Nullable ChannelHandlerContext context;
  private Flow flow = Flow.READING;
  private Part part = Part.HEAD;

  private enum Flow {
    /** What arrives is decoded. */
    READING,
    /** What arrives stays where it is. */
    HELD,
    /** What arrives is dropped: the connection is being closed, or its last request is invalid. */
    ENDED
  }

  /** Where in a request the next byte stands. */
  private enum Part {
    HEAD,
    BODY,
    /** Of a body, in an unended line: a chunk's length, or a trailer. */
    LINE_OF_BODY
  }

  StrictRequestDecoder(Http1ServerConfig config, OpenConnections connections, Troubles troubles) {
    super(config);
    this.connections = connections;
    this.troubles = troubles;
    this.scan = new HeadScan(Math.max(config.getMaxInitialLineLength(), config.getMaxHeaderSize()));
  }

  /** Sets the connection of these bytes; called once, before any arrive. */
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
    flow = Flow.ENDED;
    ChannelHandlerContext here = context;
    if (here != null) {
      ChannelFuture unused = here.close(); // its end is heard of by the channel's closeFuture
    }
  }

  @Override
  public void drop() {
    flow = Flow.ENDED;
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
    if (here != null && flow == Flow.READING) {
      flow = Flow.HELD;
      here.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void goOn() {
    ChannelHandlerContext here = context;
    if (flow == Flow.HELD && here != null) {
      here.executor().execute(() -> goOn(here));
    }
  }

  private void goOn(ChannelHandlerContext here) {
    if (flow != Flow.HELD) {
      return; // it was closed meanwhile
    }
    flow = Flow.READING;
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

  // What arrives.

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      if (flow == Flow.ENDED) {
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
    } else if (flow == Flow.ENDED && !troubles.memory(cause)) {
      connections.end(connection); // Vert.x says again why a request was refused
    } else if (cause instanceof IOException) {
      connections.end(connection); // its client went away
      reset();
    } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
      connections.close(connection, Cause.INVALID_REQUEST);
    } else {
      troubles.report("A connection failed", SourceMeters.UNKNOWN, null, cause);
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
    switch (flow) {
      case ENDED -> in.skipBytes(in.readableBytes());
      case HELD -> {} // it stays where it is
      case READING -> read(context, in, out);
    }
  }

  private void read(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
    boolean isHead = part == Part.HEAD;
    if (isHead && connection != null && connection.isBusy()) {
      secondRequest(connection, in);
      return;
    }
    if (part != Part.BODY && !scan.hasWholeLine(in)) {
      return;
    }
    if (isHead) {
      scan.lookForFoldedLine(in);
    }
    int before = out.size();
    int readable = in.readableBytes();
    super.decode(context, in, out);
    for (int i = before; i < out.size(); i++) {
      Object decoded = out.get(i);
      if (decoded instanceof HttpRequest request) {
        part = Part.BODY;
        if (request.decoderResult().isFailure()) {
          flow = Flow.ENDED;
          return;
        }
      } else if (decoded instanceof HttpContent content && content.decoderResult().isFailure()) {
        invalidBody(out, before);
        return;
      }
      if (decoded instanceof LastHttpContent) {
        part = Part.HEAD;
        scan.reset();
      }
    }
    // Of a head, all lines that had ended are gone. Of a body, only a line can be waited for.
    boolean waits = in.readableBytes() == readable && out.size() == before;
    if (part != Part.HEAD) {
      part = waits ? Part.LINE_OF_BODY : Part.BODY;
    }
    scan.left((isHead && part == Part.HEAD) || waits ? in.readableBytes() : 0);
  }

  /** What its client did not complete is dropped. */
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

  // What is demanded.

  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    scan.requestLine();
    if (!HeadRules.isToken(initialLine[0])) {
      throw new HeadRules.Refused(400, "not a method");
    }
    String version = initialLine[2];
    if (!HeadRules.isVersion(version)) {
      throw new HeadRules.Refused(400, "not a version");
    }
    if (version.charAt(5) != '1') {
      throw new HeadRules.Refused(505, "another major version");
    }
    if (version.charAt(7) > '1') {
      // RFC 9110, section 2.5: as the highest version that is known here.
      return super.createMessage(
          new String[] {initialLine[0], initialLine[1], HttpVersion.HTTP_1_1.text()});
    }
    return super.createMessage(initialLine);
  }

  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    scan.header();
    return super.splitHeaderName(bytes, start, length);
  }

  /** Asked once a head is complete, before anything is made of it. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    HeadRules.Refused complaint =
        scan.isFolded()
            ? new HeadRules.Refused(400, "a folded header")
            : HeadRules.complaint(message);
    if (complaint != null) {
      throw complaint;
    }
    return super.isContentAlwaysEmpty(message);
  }
}
