package io.penstock.ingest;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Every wait for a condition ends what hangs, and judges nothing: Awaitility's own ten seconds are
 * a verdict by the clock on a busy machine. Registered for all tests of the module, by {@code
 * META-INF/services}.
 */
public final class Patience implements BeforeAllCallback {

  /** How long a test waits for what must happen, unless it says otherwise. */
  public static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(PATIENCE);
  }
}
