/** The load harness: the service beside a bare handler, on one broker, under the same load. */
@NullMarked
package io.penstock.benchmarks;

import org.jspecify.annotations.NullMarked;
