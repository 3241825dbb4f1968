@NullMarked
package io.penstock.localstack;

import org.jspecify.annotations.NullMarked;
