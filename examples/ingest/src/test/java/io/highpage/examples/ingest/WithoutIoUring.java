// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.testkit.Seccomp;

/** The example under a filter of system calls that forbids io_uring, as those of containers do. */
final class WithoutIoUring {
    private WithoutIoUring() {}

    public static void main(String[] arguments) throws Exception {
        Seccomp.forbid(425, 426, 427); // io_uring_setup, io_uring_enter, io_uring_register
        Ingest.main(arguments);
    }
}
