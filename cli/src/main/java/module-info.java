// SPDX-License-Identifier: Apache-2.0

/** The {@code highpage} command. */
@SuppressWarnings("requires-automatic") // libraries without a module descriptor
module io.highpage.cli {
    requires transitive io.highpage;
    requires io.highpage.jocl;
    requires io.highpage.opencl;
    requires io.highpage.pipe;
    requires io.highpage.uring;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;
    requires java.logging;
    requires java.management;
    requires jdk.attach;
    requires jdk.jfr;
    requires jocl;
    requires me.tongfei.progressbar;
    requires static org.jspecify;

    // The trace format and its replayer, for tests of other modules and of other devices.
    exports io.highpage.cli.replay;

    // What a bean of another JVM tells is printed as JSON.
    exports io.highpage.cli.top to
            com.fasterxml.jackson.databind;

    // Picocli fills the fields of the commands.
    opens io.highpage.cli to
            info.picocli;
}
