package io.penstock.benchmarks;

/**
 * One load on one contender.
 *
 * @param name in the tables
 * @param connections each with one delivery under way
 * @param rate deliveries a second over all connections; 0 for as many as there are answers
 * @param bodyBytes the size of each body
 */
record Load(String name, int connections, int rate, int bodyBytes) {

  boolean isSaturation() {
    return rate == 0;
  }
}
