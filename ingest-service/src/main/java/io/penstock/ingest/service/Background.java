package io.penstock.ingest.service;

/**
 * Parts that nothing waits for: they begin to close, on a thread of their own, when the end of the
 * instance is announced, while the other parts still work.
 */
final class Background implements Parts.Part {

  private final Parts parts = new Parts();
  private final Thread end = new Thread(() -> parts.close(Parts.Ending.ORDERLY), "background-end");

  /** Those parts; to be added before the end is announced. */
  Parts parts() {
    return parts;
  }

  @Override
  public void announceEnd() {
    end.start();
  }

  /** Waits until they are closed. */
  @Override
  public void close(Parts.Ending ending) throws InterruptedException {
    end.join();
  }
}
