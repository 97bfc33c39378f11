// SPDX-License-Identifier: Apache-2.0
package io.highpage.pipe;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/**
 * A kernel does not compile, is not there, or could not run over a piece. The message has the
 * kernel, the device and the driver's or compiler's own words. A device that is gone is a
 * {@link io.highpage.outcome.DeviceLostException} instead.
 */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private static final String GROUP_ADVICE = "; give the call a group that divides the number of"
            + " work-items and is within the device's limit, or as the kernel is written for";

    private final String what;
    private final boolean groupRefused;
    private final transient @Nullable List<String> kernels;

    private KernelException(
            String what,
            boolean groupRefused,
            @Nullable List<String> kernels,
            @Nullable Throwable cause) {
        super(what + (groupRefused ? GROUP_ADVICE : ""), cause);
        this.what = what;
        this.groupRefused = groupRefused;
        this.kernels = kernels;
    }

    static KernelException of(String what, @Nullable Throwable cause) {
        return new KernelException(what, false, null, cause);
    }

    static KernelException couldNotRun(String what, Throwable cause) {
        return new KernelException(what, what.contains("CL_INVALID_WORK_GROUP_SIZE"), null, cause);
    }

    static KernelException noSuchKernel(
            String origin, String name, List<String> kernels, Throwable cause) {
        return new KernelException(
                origin + " has no kernel '" + name + "'; "
                        + (kernels.isEmpty()
                                ? "it has none at all"
                                : "it has: " + String.join(", ", kernels)),
                false,
                kernels,
                cause);
    }

    /** {@return what failed, without advice} */
    public String what() {
        return what;
    }

    /** {@return whether the driver refused how many work-items work together} */
    public boolean isGroupRefused() {
        return groupRefused;
    }

    /** {@return the kernels that there are, if the one that was asked for is not among them} */
    public Optional<List<String>> kernels() {
        return Optional.ofNullable(kernels);
    }
}
