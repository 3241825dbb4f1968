package io.penstock.localstack;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A program with a stack, to be killed: prints {@code READY}, the directory and the process ids.
 * With the argument {@code registry}, it has one; with {@code pause}, its broker is paused.
 */
final class StackHolder {

  private StackHolder() {}

  public static void main(String[] args) throws InterruptedException {
    List<String> words = List.of(args);
    boolean withRegistry = words.contains("registry");
    LocalStack.Builder builder = LocalStack.builder();
    try (LocalStack stack = (withRegistry ? builder : builder.withoutSchemaRegistry()).start()) {
      Broker broker = stack.kafka().broker(0);
      if (words.contains("pause")) {
        broker.pause();
      }
      System.out.printf(
          "READY %s %d%s%n",
          stack.dataDirectory(),
          broker.pid(),
          withRegistry ? " " + stack.schemaRegistry().pid() : "");
      new CountDownLatch(1).await();
    }
  }
}
