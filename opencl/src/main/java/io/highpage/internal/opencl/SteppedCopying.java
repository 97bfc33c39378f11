// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.device.PageRuns;
import io.highpage.internal.close.Closes;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Copies runs of each length in the way that a plan has for it. The runs of one call, which are
 * most often of about one length, all go one way. Thread-safe.
 *
 * @param steps the plan
 * @param ways each way that it names
 */
record SteppedCopying(List<CopyPlan.Step> steps, Map<CopyWay, Copying> ways) implements Copying {
    @Override
    public void copy(
            ClContext context, Transfer transfer, long base, MemorySegment window, PageRuns runs) {
        long runBytes = runs.totalBytes() / runs.count();
        int last = steps.size() - 1;
        while (last > 0 && steps.get(last).fromBytes() > runBytes) {
            last--;
        }
        way(steps.get(last)).copy(context, transfer, base, window, runs);
    }

    private Copying way(CopyPlan.Step step) {
        return Objects.requireNonNull(ways.get(step.way()));
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
