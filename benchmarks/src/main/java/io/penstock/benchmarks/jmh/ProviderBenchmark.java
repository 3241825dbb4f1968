package io.penstock.benchmarks.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.penstock.ingest.json.JsonScan;
import io.penstock.ingest.provider.Decoding;
import io.penstock.ingest.provider.Identification;
import io.penstock.ingest.provider.Provider;
import io.penstock.ingest.provider.Providers;
import io.penstock.ingest.registry.WireFormat;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What each provider's rules do with its first sample: the scan, the identity, the event. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ProviderBenchmark {

  /** The name of one: {@link JmhCommand} gives those of all. */
  @Param("csm")
  public String provider;

  private final JsonScan scan = JsonScan.of("type", "id", "payload.session_id", "data.id");
  private final WireFormat wireFormat = new WireFormat();
  private Provider rules;
  private byte[] body;
  private Map<String, String> headers;

  /** Has no state yet: see {@link #open}. */
  @SuppressWarnings("NullAway.Init") // JMH sets the parameter and calls the set-up
  public ProviderBenchmark() {}

  /** Finds the provider and its sample, and checks that it is an event. */
  @Setup
  public void open() {
    rules = Providers.byName(provider).orElseThrow();
    body = rules.samples().getFirst().body();
    headers = new HashMap<>();
    rules.headers().forEach(name -> headers.put(name, "msg_2b3c4d5e6f"));
    if (!(identify() instanceof Identification.Identified)) {
      throw new IllegalStateException("The sample is not identified");
    }
    decodeAndEncode();
  }

  /** One pass that checks the form and captures four members. */
  @Benchmark
  public JsonScan.Result scan() {
    return scan.scan(body);
  }

  /** What the ingress does with a body. */
  @Benchmark
  public Identification identify() {
    return rules.identify(body, headers);
  }

  /** What the pipeline does with a body, but for the headers of the event. */
  @Benchmark
  public byte[] decodeAndEncode() {
    if (!(rules.decode(body, headers) instanceof Decoding.Decoded decoded)) {
      throw new IllegalStateException("The sample is not decoded");
    }
    GenericRecord event = decoded.event();
    GenericRecord metadata =
        new GenericData.Record(event.getSchema().getField("metadata").schema());
    metadata.put("eventId", "0123456789abcdef0123456789abcdef");
    metadata.put("source", "benchmark");
    metadata.put("provider", provider);
    metadata.put("type", decoded.type());
    metadata.put("entityKey", "entity");
    metadata.put(
        "occurredAt", decoded.occurredAt() == null ? null : decoded.occurredAt().toEpochMilli());
    metadata.put("receivedAt", 1_700_000_000_000L);
    metadata.put("receiptId", "0190a0b0-c0d0-7000-8000-000000000000");
    event.put("metadata", metadata);
    if (event.get("json") == null) {
      event.put("json", new String(rules.redact(body), UTF_8));
    }
    return wireFormat.encode(1, event);
  }
}
