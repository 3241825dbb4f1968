package io.penstock.ingest.landing;

import io.netty.channel.EventLoop;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs on their event loops what ended on other threads. What ends while a loop is not there yet is
 * run by one task: Kafka acknowledges whole batches, and a task for each record costs more than
 * what the record needs. Safe for use by any number of threads.
 */
final class Completions {

  private final ConcurrentHashMap<EventLoop, Ended> loops = new ConcurrentHashMap<>();

  /**
   * Runs a task on a context, behind those that were given before for its event loop.
   *
   * @param task must not throw
   */
  void run(ContextInternal context, Runnable task) {
    if (context.threadingModel() != ThreadingModel.EVENT_LOOP) {
      context.runOnContext(nothing -> task.run());
      return;
    }
    loops.computeIfAbsent(context.nettyEventLoop(), Ended::new).add(new OnContext(context, task));
  }

  private record OnContext(ContextInternal context, Runnable task) {}

  /** What has ended for one loop. */
  private static final class Ended implements Runnable {
    private final EventLoop loop;
    private final ConcurrentLinkedQueue<OnContext> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean called = new AtomicBoolean();

    Ended(EventLoop loop) {
      this.loop = loop;
    }

    void add(OnContext task) {
      tasks.add(task);
      if (!called.get() && called.compareAndSet(false, true)) {
        loop.execute(this);
      }
    }

    @Override
    public void run() {
      called.set(false); // first: what is added from now on may need another run
      for (OnContext next = tasks.poll(); next != null; next = tasks.poll()) {
        next.context().dispatch(next.task());
      }
    }
  }
}
