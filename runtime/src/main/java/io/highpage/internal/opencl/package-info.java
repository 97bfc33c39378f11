// SPDX-License-Identifier: Apache-2.0

/**
 * How Highpage talks to OpenCL. Every call goes through {@link io.highpage.internal.opencl.Cl},
 * where it is checked.
 */
package io.highpage.internal.opencl;
