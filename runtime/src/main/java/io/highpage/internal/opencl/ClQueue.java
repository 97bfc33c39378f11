// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.lang.foreign.MemorySegment;

/**
 * Where an extent's commands go.
 *
 * @param cl access to OpenCL
 * @param context the context that memory comes from
 * @param queue the queue that copies go through
 */
public record ClQueue(Cl cl, MemorySegment context, MemorySegment queue) {}
