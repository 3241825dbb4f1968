package io.penstock.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling: the best bare handler that can be written with the service's own libraries. It reads
 * a whole body, sends it to Kafka, and answers 200 when all in-sync replicas have it. It checks
 * nothing, knows no sender, counts nothing and logs nothing.
 *
 * <p>What the service does cleverly is done here too, so that the comparison stays honest: sends
 * are made on the event loop, on one producer for the process, and the acknowledgements of one
 * batch are handed over to an event loop in one task. Records go to the partitions in turn, since
 * the service cannot choose them either.
 *
 * <p>Arguments: the brokers, the topic. It writes its port in the form in which the service does.
 */
final class BareIngress extends VerticleBase {

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final int partitions;
  private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private int next;
  private int actualPort;

  /** An answer that can be given. */
  private record Acknowledged(HttpServerResponse response, @Nullable Exception failure) {}

  private BareIngress(Producer<byte[], byte[]> producer, String topic) {
    this.producer = producer;
    this.topic = topic;
    this.partitions = producer.partitionsFor(topic).size();
  }

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws Exception {
    Producer<byte[], byte[]> producer = producer(arguments[0]);
    Vertx vertx = Vertx.vertx();
    int port = 0;
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      BareIngress server = new BareIngress(producer, arguments[1]);
      vertx.deployVerticle(server).await();
      port = server.actualPort;
    }
    System.out.println("Ports are open: ingress=" + port + " management=0");
  }

  /** With the settings of the service's own producer as far as they cost or save anything. */
  private static Producer<byte[], byte[]> producer(String brokers) {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "0");
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(8 * 1024 * 1024));
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Long.toString(128L * 1024 * 1024));
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Future<?> start() {
    return vertx
        .createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
        .requestHandler(this::requested)
        .listen(SocketAddress.sharedRandomPort(1, "127.0.0.1"))
        .onSuccess(server -> actualPort = server.actualPort());
  }

  private void requested(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              HttpServerResponse response = request.response();
              next = next + 1 == partitions ? 0 : next + 1;
              // Its outcome comes by the callback.
              java.util.concurrent.Future<RecordMetadata> unused =
                  producer.send(
                      new ProducerRecord<>(topic, next, null, body.getBytes()),
                      (metadata, failure) -> acknowledged(new Acknowledged(response, failure)));
            });
  }

  /** On a thread of the producer's: wakes the event loop once for all that wait for it. */
  private void acknowledged(Acknowledged one) {
    acknowledged.add(one);
    if (!woken.get() && woken.compareAndSet(false, true)) {
      context.runOnContext(nothing -> answer());
    }
  }

  private void answer() {
    woken.set(false);
    Acknowledged one = acknowledged.poll();
    while (one != null) {
      one.response().setStatusCode(one.failure() == null ? 200 : 503).end();
      one = acknowledged.poll();
    }
  }
}
