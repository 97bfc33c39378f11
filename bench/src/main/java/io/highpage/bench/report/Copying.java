// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import java.util.List;

/** Which copier a JVM uses: one that is not the default needs a JVM of its own. */
public enum Copying {
    /** What the library takes by itself. */
    DEFAULT,
    /** No native library, one thread. */
    JAVA("-Dhighpage.native=false", "-Dhighpage.threads=1"),
    /** No native library, two threads. */
    JAVA_TWO("-Dhighpage.native=false", "-Dhighpage.threads=2"),
    /** The native library, one thread. */
    NATIVE("-Dhighpage.threads=1"),
    /** The native library, two threads. */
    NATIVE_TWO("-Dhighpage.threads=2");

    private final List<String> options;

    Copying(String... options) {
        this.options = List.of(options);
    }

    /** {@return the options of such a JVM} */
    List<String> options() {
        return options;
    }
}
