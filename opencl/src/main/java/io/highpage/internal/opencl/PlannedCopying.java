// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;
import io.highpage.internal.close.Closes;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;

/**
 * Copies the runs of each call in the way that a plan has for them. Thread-safe.
 *
 * @param plan the plan
 * @param ways each way that it may take
 */
record PlannedCopying(CopyPlan plan, Map<CopyWay, Copying> ways) implements Copying {
    @Override
    public void copy(
            ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        CopyWay way = plan.way(runs.count(), runs.totalBytes() / runs.count());
        Objects.requireNonNull(ways.get(way)).copy(context, transfer, base, window, runs);
    }

    @Override
    public void close() {
        Throwable failed = null;
        for (Copying way : ways.values()) {
            failed = Closes.step(failed, way::close);
        }
        Closes.rethrow(failed);
    }
}
