// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

/** Which threads work on a run. */
public enum Stages {
    /**
     * The caller's alone. While the kernel runs over a piece, the results of the one before are
     * written and the next one is read, as far as the pipe has sets. For programs that fill the
     * processor with runs.
     */
    CALLER,

    /**
     * Three more: one reads, the caller's brings pieces to the device and has kernels run, one
     * fetches results, one writes, all at the same time. They have ended when the run has.
     */
    THREADS
}
