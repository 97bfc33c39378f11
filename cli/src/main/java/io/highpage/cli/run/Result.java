// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

/**
 * What was done.
 *
 * @param items the number of work-items
 * @param elementBytes bytes of each file for each of them
 * @param pieces the number of launches
 * @param bytes the length of each file
 * @param kernelNanos time in the kernel
 * @param nanos time in all, without compiling
 * @param deviceSets how many pieces of each file the device had room for at once
 * @param transfer how files were read and written
 */
public record Result(
        long items,
        long elementBytes,
        long pieces,
        long bytes,
        long kernelNanos,
        long nanos,
        int deviceSets,
        String transfer) {

    static Result of(
            JobFiles files, long start, long kernelNanos, int deviceSets, String transfer) {
        return new Result(
                files.items(files.byteSize()),
                files.elementBytes(),
                files.pieces(),
                files.byteSize(),
                kernelNanos,
                System.nanoTime() - start,
                deviceSets,
                transfer);
    }
}
