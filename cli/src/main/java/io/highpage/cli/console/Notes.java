// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Keeps what Highpage logs while a command works, so that it stands in the command's report and not
 * in the middle of it. What nobody has asked for when it closes is logged then. Thread-safe.
 */
public final class Notes implements AutoCloseable {
    private static final Logger HIGHPAGE = Logger.getLogger("io.highpage");

    private final List<LogRecord> kept = new ArrayList<>(); // by itself
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            synchronized (kept) {
                kept.add(logged);
            }
        }

        @Override
        public void flush() {
            // Nothing is buffered.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    };

    private Notes() {}

    /** {@return what keeps all that is logged from now on} */
    public static Notes keep() {
        Notes notes = new Notes();
        HIGHPAGE.addHandler(notes.handler);
        HIGHPAGE.setUseParentHandlers(false);
        return notes;
    }

    /** {@return what was logged since it was last asked, to be told to the user} */
    public List<String> take() {
        return records().stream()
                .map(logged -> logged.getThrown() == null
                        ? logged.getMessage()
                        : logged.getMessage() + " (" + logged.getThrown() + ")")
                .toList();
    }

    private List<LogRecord> records() {
        synchronized (kept) {
            List<LogRecord> records = List.copyOf(kept);
            kept.clear();
            return records;
        }
    }

    @Override
    public void close() {
        HIGHPAGE.setUseParentHandlers(true);
        HIGHPAGE.removeHandler(handler);
        records().forEach(HIGHPAGE::log);
    }
}
