// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.log;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger.Level;

/**
 * Tells the program's log what its caller goes on from. What it goes on with comes first: a log
 * that fails, of the program or for want of memory or stack, is never the caller's failure.
 *
 * <p>Loggers are asked for when there is something to say, since the first one takes a program's
 * start milliseconds. Thread-safe.
 */
public final class Log {
    private Log() {}

    /**
     * Has this ready: what tells of a lack of memory or stack cannot be loaded where there is none,
     * and would fail its caller in the middle of what it undoes.
     */
    public static void load() {
        boolean ignored = Level.WARNING.getSeverity() > Level.DEBUG.getSeverity();
    }

    /** Tells somebody who may have to do something. */
    public static void warn(Class<?> from, @Nullable String what) {
        tell(from, Level.WARNING, null, what, null);
    }

    /**
     * Tells of a failure.
     *
     * @param who what the text begins with: put together here, since it may be memory that is short
     * @return whether it was told
     */
    public static boolean warn(Class<?> from, String who, String what, Throwable cause) {
        return tell(from, Level.WARNING, who, what, cause);
    }

    /** Tells what only who looks for it wants to know. */
    public static void debug(Class<?> from, @Nullable String what) {
        tell(from, Level.DEBUG, null, what, null);
    }

    private static boolean tell(
            Class<?> from,
            Level level,
            @Nullable String who,
            @Nullable String what,
            @Nullable Throwable cause) {
        try {
            String text = who == null ? what : who + ": " + what;
            System.getLogger(from.getName()).log(level, text, cause);
            return true;
        } catch (Throwable untold) {
            return false;
        }
    }
}
