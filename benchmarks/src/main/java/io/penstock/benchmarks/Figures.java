package io.penstock.benchmarks;

/**
 * What one load gave, without its warm-up.
 *
 * @param perSecond deliveries answered with 200
 * @param p50Millis latency from the intended send time
 * @param micros processor time of the measured process for each delivery
 * @param brokerMicros processor time of the broker for each delivery
 * @param clientMicros processor time of the load generator for each delivery
 * @param residentMebibytes memory of the measured process at the end
 */
record Figures(
    double perSecond,
    double p50Millis,
    double p99Millis,
    double p999Millis,
    double maxMillis,
    double micros,
    double brokerMicros,
    double clientMicros,
    double residentMebibytes) {}
