package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

/** Holds the hand-written bytes against Kafka's own classes. */
class MetadataProbeTest {

  private static final short VERSION = 1;

  @Test
  void asksWhatKafkaUnderstands() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MetadataProbe.writeRequest(new DataOutputStream(out));

    ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
    assertThat(bytes.getInt()).isEqualTo(bytes.remaining());
    ByteBufferAccessor accessor = new ByteBufferAccessor(bytes);
    RequestHeaderData header = new RequestHeaderData(accessor, (short) 1);
    MetadataRequestData request = new MetadataRequestData(accessor, VERSION);
    assertThat(header.requestApiKey()).isEqualTo(request.apiKey());
    assertThat(header.requestApiVersion()).isEqualTo(VERSION);
    assertThat(request.topics()).isEmpty();
    assertThat(bytes.remaining()).isZero();
  }

  @Test
  void readsWhatKafkaAnswers() throws IOException {
    MetadataResponseData response = new MetadataResponseData();
    response.brokers().add(node(0).setRack("rack"));
    response.brokers().add(node(2));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] header =
        MessageUtil.toByteBufferAccessor(new ResponseHeaderData(), (short) 0).buffer().array();
    byte[] body = MessageUtil.toByteBufferAccessor(response, VERSION).buffer().array();
    new DataOutputStream(out).writeInt(header.length + body.length);
    out.write(header);
    out.write(body);

    assertThat(MetadataProbe.readResponse(input(out.toByteArray())))
        .containsExactlyInAnyOrder(0, 2);
  }

  @Test
  void refusesWhatIsNoBrokersAnswer() {
    byte[] answer = "HTTP/1.1 400 Bad Request\r\n".getBytes(StandardCharsets.US_ASCII);

    assertThatIOException().isThrownBy(() -> MetadataProbe.readResponse(input(answer)));
  }

  @Test
  void knowsNobodyWhereNobodyListens() {
    assertThat(MetadataProbe.aliveBrokers(new Ports(new Random()).take(0))).isEmpty();
  }

  private static DataInputStream input(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  private static MetadataResponseData.MetadataResponseBroker node(int id) {
    return new MetadataResponseData.MetadataResponseBroker()
        .setNodeId(id)
        .setHost("127.0.0.1")
        .setPort(9092);
  }
}
