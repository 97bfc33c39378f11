// SPDX-License-Identifier: Apache-2.0

/**
 * How Highpage talks to OpenCL. Every call goes through {@link io.highpage.internal.opencl.Cl},
 * where it is checked.
 *
 * <p>Uses: bindings.opencl, internal.close, internal.log, internal.work, outcome, internal.jvm,
 * device, internal.os, internal.copy.
 *
 * <p>Threads: any, and the driver's, which run callbacks.
 */
@NullMarked
package io.highpage.internal.opencl;

import org.jspecify.annotations.NullMarked;
