// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.cli.console.UserError;
import io.highpage.pipe.KernelException;

/** What a user of the command line is told of a kernel. */
public final class KernelErrors {
    private static final String GROUP =
            "; give --group N, which divides the number of work-items and"
                    + " is within the device's limit, or as the kernel is written for";

    private KernelErrors() {}

    /**
     * {@return the same, with the option that helps}
     *
     * @param failed what a kernel failed with
     */
    public static UserError of(KernelException failed) {
        String option = failed.isGroupRefused() ? GROUP : "";
        String what = failed.kernels().isPresent()
                ? failed.what().replaceFirst("'; it has ", "' (--kernel); it has ")
                : failed.what();
        return UserError.failed(what + option, failed);
    }
}
