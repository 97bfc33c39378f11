// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;
import java.util.List;

/** What an executor tells the driver. */
sealed interface Report extends Serializable {

    /** {@return which executor of the application it is} */
    String executor();

    /**
     * It has a runtime.
     *
     * @param host where it runs
     * @param device its device
     * @param limitBytes the device memory that its tasks share
     */
    record Opened(String executor, String host, String device, long limitBytes) implements Report {}

    /**
     * It could not open one, and ends.
     *
     * @param host where it ran
     * @param reason why
     */
    record Failed(String executor, String host, String reason) implements Report {}

    /**
     * Something was left open. What a task has left is closed by now, unless it is said otherwise.
     *
     * @param who a task, or what else
     * @param left what was left, with the places where it was opened
     * @param untold how many of these reports were left out since the one before
     */
    record Leak(String executor, String who, List<String> left, long untold) implements Report {}

    /**
     * The device does not answer any more; the executor ends.
     *
     * @param who the task that met it
     * @param reason the driver's words
     */
    record Lost(String executor, String who, String reason) implements Report {}

    /**
     * It ends.
     *
     * @param unfinished the tasks that are running, whose memory is left to the process's end
     * @param untoldLeaks how many leaks were left out since the last report of one
     */
    record Closed(String executor, List<String> unfinished, long untoldLeaks) implements Report {}
}
