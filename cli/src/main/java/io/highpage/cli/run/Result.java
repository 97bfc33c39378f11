// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.Traffic;

import java.util.List;
import java.util.Optional;

/**
 * What was done.
 *
 * @param work how much
 * @param kernelNanos time in the kernel
 * @param nanos time in all, without compiling
 * @param deviceSets how many pieces of each file the device had room for at once
 * @param transfer how files were read and written
 * @param traffic what moved to and from the device; empty if nobody counted
 */
public record Result(
        Work work,
        long kernelNanos,
        long nanos,
        int deviceSets,
        String transfer,
        Optional<Traffic> traffic) {

    /**
     * How much.
     *
     * @param items the number of work-items
     * @param elementBytes bytes of each file for each of them
     * @param pieces the number of launches
     * @param bytes the length of each file, but for outputs that are counted
     * @param outputBytes the length of each output
     */
    public record Work(
            long items, long elementBytes, long pieces, long bytes, List<Long> outputBytes) {
        static Work of(JobFiles files) {
            return new Work(
                    files.items(files.byteSize()),
                    files.elementBytes(),
                    files.pieces(),
                    files.byteSize(),
                    files.outputBytes());
        }
    }

    /** What was done until now. */
    static Result since(
            long start, JobFiles files, long kernelNanos, int deviceSets, String transfer) {
        return new Result(
                Work.of(files),
                kernelNanos,
                System.nanoTime() - start,
                deviceSets,
                transfer,
                Optional.empty());
    }

    Result with(Traffic counted) {
        return new Result(work, kernelNanos, nanos, deviceSets, transfer, Optional.of(counted));
    }
}
