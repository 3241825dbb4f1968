package io.penstock.localstack;

import java.util.concurrent.CountDownLatch;

/**
 * A program with a stack, to be killed: prints {@code READY}, the directory and the process ids.
 * With the argument {@code pause}, its broker is paused.
 */
final class StackHolder {

  private StackHolder() {}

  public static void main(String[] args) throws InterruptedException {
    try (LocalStack stack = LocalStack.builder().start()) {
      Broker broker = stack.kafka().broker(0);
      if (args.length > 0 && args[0].equals("pause")) {
        broker.pause();
      }
      System.out.printf(
          "READY %s %d %d%n", stack.dataDirectory(), broker.pid(), stack.schemaRegistry().pid());
      new CountDownLatch(1).await();
    }
  }
}
