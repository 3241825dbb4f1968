package io.penstock.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets a system property")
class RuntimeHomeTest {

  @AfterEach
  void forget() {
    System.clearProperty(RuntimeHome.PROPERTY);
  }

  @Test
  void isBesideTheClasses() {
    RuntimeHome home = RuntimeHome.locate();

    assertThat(home.directory()).hasFileName("runtime").hasParent(home.classes().getParent());
  }

  @Test
  void saysWhatToDoWhenAbsent(@TempDir Path empty) {
    System.setProperty(RuntimeHome.PROPERTY, empty.toString());

    assertThatIllegalStateException()
        .isThrownBy(RuntimeHome::locate)
        .withMessageContaining("mvn -pl local-stack")
        .withMessageContaining(empty.toString());
  }
}
