// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

/** What a recorded operation did. */
public enum TraceOperation {
    /** The CPU wrote the pages. */
    CPU_WRITE("cpu_write"),
    /** The device wrote the pages where they were. */
    DEVICE_WRITE("dev_write"),
    /** The pages were migrated to the device as far as they could be. */
    TO_DEVICE("to_dev"),
    /** The pages were migrated to the host as far as they could be. */
    TO_HOST("to_sys"),
    /** The pages were long-term pinned. */
    PIN("pin_long"),
    /** The pages were held for the short term. */
    HOLD("get"),
    /** A pin or a hold was let go. */
    RELEASE("release");

    private final String word;

    TraceOperation(String word) {
        this.word = word;
    }

    /** {@return its name in trace files} */
    public String word() {
        return word;
    }
}
