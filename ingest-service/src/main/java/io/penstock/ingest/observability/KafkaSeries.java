package io.penstock.ingest.observability;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets through only those meters of Kafka's clients that a rule, a panel or the runbook reads. The
 * clients have hundreds, for each thread, task, store, topic and broker; all of them are still in
 * JMX. Meters of anything else pass.
 *
 * <p>Kafka's consumers show each topic under its name, and under a second name with underscores for
 * dots. The second is left out, and so are the stores' changelogs, whose names have no dot either.
 */
public final class KafkaSeries implements MeterFilter {

  private static final Set<String> READ =
      Set.of(
          "kafka_admin_client_connection_count",
          "kafka_consumer_connection_count",
          "kafka_consumer_coordinator_assigned_partitions",
          "kafka_consumer_coordinator_rebalance_total",
          "kafka_consumer_failed_authentication_total",
          "kafka_consumer_fetch_manager_fetch_latency_avg",
          "kafka_consumer_fetch_manager_fetch_throttle_time_max",
          "kafka_consumer_fetch_manager_records_consumed_total",
          "kafka_consumer_fetch_manager_records_lag",
          "kafka_consumer_fetch_manager_records_lead",
          "kafka_consumer_incoming_byte_total",
          "kafka_consumer_time_between_poll_max",
          "kafka_producer_batch_size_avg",
          "kafka_producer_buffer_available_bytes",
          "kafka_producer_buffer_total_bytes",
          "kafka_producer_connection_count",
          "kafka_producer_failed_authentication_total",
          "kafka_producer_outgoing_byte_total",
          "kafka_producer_produce_throttle_time_max",
          "kafka_producer_record_error_total",
          "kafka_producer_record_queue_time_max",
          "kafka_producer_record_retry_total",
          "kafka_producer_record_send_total",
          "kafka_producer_records_per_request_avg",
          "kafka_producer_request_latency_avg",
          "kafka_producer_request_latency_max",
          "kafka_stream_alive_stream_threads",
          "kafka_stream_failed_stream_threads_total",
          "kafka_stream_state_block_cache_capacity",
          "kafka_stream_state_block_cache_usage",
          "kafka_stream_state_estimate_num_keys",
          "kafka_stream_state_number_open_files_total",
          "kafka_stream_state_size_all_mem_tables",
          "kafka_stream_state_total_sst_files_size",
          "kafka_stream_state_updater_active_restoring_tasks",
          "kafka_stream_state_updater_restore_records_rate",
          "kafka_stream_state_updater_standby_updating_tasks",
          "kafka_stream_task_dropped_records_total",
          "kafka_stream_task_restore_remaining_records_total",
          "kafka_stream_thread_commit_latency_avg",
          "kafka_stream_thread_commit_latency_max",
          "kafka_stream_thread_commit_ratio",
          "kafka_stream_thread_commit_total",
          "kafka_stream_thread_poll_ratio",
          "kafka_stream_thread_process_latency_avg",
          "kafka_stream_thread_process_ratio");

  /** The names of the series that pass, as Prometheus shows them. */
  public static Set<String> names() {
    return READ;
  }

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    if (!id.getName().startsWith("kafka.")) {
      return MeterFilterReply.NEUTRAL;
    }
    @Nullable String topic = id.getTag("topic");
    String series = id.getName().replace('.', '_');
    // Prometheus' name of a counter ends so where the client's own does not.
    boolean read =
        (READ.contains(series) || READ.contains(series + "_total"))
            && (topic == null || topic.indexOf('.') >= 0);
    return read ? MeterFilterReply.NEUTRAL : MeterFilterReply.DENY;
  }
}
