/** What runs inside the child processes, and nowhere else. */
@NullMarked
package io.penstock.localstack.child;

import org.jspecify.annotations.NullMarked;
