/** SmartShape (cloud.smartshape.com), by Aerys. */
@NullMarked
package io.penstock.ingest.provider.smartshape;

import org.jspecify.annotations.NullMarked;
