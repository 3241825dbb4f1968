/** Benchmarks of single steps of the service, for JMH. */
@NullMarked
package io.penstock.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
