package io.penstock.ingest.service;

import io.penstock.ingest.config.Configuration;
import io.penstock.ingest.management.Health;
import io.penstock.ingest.pipeline.Pipeline;

/** Reads the landing log and publishes events. */
final class PipelineRole implements RunningRole {

  private final Pipeline pipeline;

  private PipelineRole(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * Makes the pipeline; it starts when Kafka has been reached.
   *
   * @param parts closes it: it commits and leaves its consumer group
   */
  static PipelineRole open(RoleContext context, Parts parts) {
    Pipeline pipeline =
        new Pipeline(
            context.configuration(),
            context.providers(),
            context.registry(),
            context.tracing(),
            context.clock());
    pipeline.onDeath(context.failure()::completeExceptionally);
    parts.add(pipeline, Pipeline::close);
    return new PipelineRole(pipeline);
  }

  @Override
  public Configuration.Role kind() {
    return Configuration.Role.PIPELINE;
  }

  /** A pipeline that waits delays no acknowledgement, so beside an ingress it is only shown. */
  @Override
  public Health.Check check(boolean alone) {
    return new Health.Check(
        "pipeline", alone, () -> new Health.State(pipeline.isRunning(), pipeline.status()));
  }

  @Override
  public boolean isRunning() {
    return pipeline.isRunning();
  }

  @Override
  public void begin() {
    pipeline.start();
  }
}
