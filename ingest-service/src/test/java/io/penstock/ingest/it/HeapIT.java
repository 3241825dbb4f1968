package io.penstock.ingest.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingest.Thorough;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The heap that a start requires is enough for the largest deliveries; with less the instance does
 * not start.
 */
@ExtendWith(Stack.Shared.class)
@Thorough("`HeapNeedTest`; `TopicsIT#largeBodiesFitWhereTheyAreAllowed`")
class HeapIT {

  private static final Pattern NEEDED = Pattern.compile("-Xmx(\\d+)m");
  private static final int LARGEST = 50 * 1024 * 1024;

  @Test
  void theHeapThatAStartAsksForHoldsTheLargestEvents(Stack stack) {
    Settings settings =
        Settings.of(stack)
            .with("PENSTOCK_SOURCES_0_MAX_BODY_SIZE", "50MiB")
            .with("PENSTOCK_SOURCES_0_ACKNOWLEDGEMENT_DEADLINE", "25s")
            .with("PENSTOCK_SOURCES_1_ACKNOWLEDGEMENT_DEADLINE", "25s")
            .with("PENSTOCK_DELIVERY_KAFKA_DEADLINE", "20s");
    String heap;
    try (Instance small = Instance.launch(settings, collector("-Xmx512m"))) {
      assertThat(small.waitForEnd()).isEqualTo(1);
      assertThat(small.log())
          .contains("error: sources[].max-body-size")
          .contains("Java has 512 MiB");
      Matcher needed = NEEDED.matcher(small.log());
      assertThat(needed.find()).isTrue();
      heap = System.getProperty("penstock.heap", needed.group(1));
    }
    List<String> sent = new ArrayList<>();
    try (Instance instance = Instance.ready(settings, collector("-Xmx" + heap + "m"));
        Sender sender = new Sender();
        Outsider outsider = new Outsider(settings)) {
      for (int i = 0; i < 4; i++) {
        sent.add(UUID.randomUUID().toString());
        assertThat(sender.send(Sender.shapes(instance, large(sent.get(i)))).statusCode())
            .isEqualTo(200);
      }
      outsider.awaitPipeline();
      assertThat(outsider.readHeaders(settings.smartshape())).hasSize(4);
      assertThat(outsider.readHeaders(settings.deadLetter())).isEmpty();
      assertThat(instance.log()).doesNotContain("OutOfMemoryError", "A stream thread stopped");
    }
  }

  /** The options of the image. */
  private static String[] collector(String heap) {
    return new String[] {heap, "-XX:-UseSerialGC", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"};
  }

  /** One such character makes Java store the text with two bytes for each character. */
  private static byte[] large(String uuid) {
    String start = "{\"file\":\"f\",\"event\":\"\u20ac\",\"uuid\":\"" + uuid + "\",\"owner\":\"";
    int room = LARGEST - start.getBytes(UTF_8).length - 2;
    return (start + "a".repeat(room) + "\"}").getBytes(UTF_8);
  }
}
