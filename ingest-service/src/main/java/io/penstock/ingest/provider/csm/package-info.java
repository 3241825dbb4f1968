/** CSM, Common Sense Machines (csm.ai), whose product is called Cube. */
@NullMarked
package io.penstock.ingest.provider.csm;

import org.jspecify.annotations.NullMarked;
