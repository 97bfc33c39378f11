// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.watch;

import io.highpage.internal.log.Log;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Cleaner;
import java.util.function.Supplier;

/**
 * Tells of what became unreachable while it was open, once each, as a warning, and releases
 * nothing: native code may use memory that no object stands for any more. What fails while it tells
 * is the report's loss. Thread-safe.
 *
 * @hidden not an API: exported to all for tools on the class path only
 */
public final class Leaks {
    private Leaks() {}

    /** Has one thread, of the JDK's, from the first thing that is watched on. */
    private static final class Collected {
        static final Cleaner CLEANER = Cleaner.create();
    }

    /** Something that is open and is told of if nobody has it any more. */
    public static final class Open implements Runnable {
        private final Supplier<String> inWords;
        private volatile boolean closed;
        private Cleaner.@Nullable Cleanable collected; // null: nobody looks

        private Open(Supplier<String> inWords) {
            this.inWords = inWords;
        }

        /** It is open from now on. Cannot fail: then it will not be told of. */
        public void watch(Object thing) {
            try {
                collected = Collected.CLEANER.register(thing, this);
            } catch (Throwable untold) {
                // There is no thread or no memory for it.
            }
        }

        /** It has been closed, and is not told of. Called again it does nothing. */
        public void close() {
            closed = true;
            if (collected != null) {
                collected.clean();
            }
        }

        /** It has been closed, or nobody can close it any more. */
        @Override
        public void run() {
            if (!closed) {
                tell(inWords);
            }
        }
    }

    /**
     * {@return what stands for something that is about to be open}
     *
     * @param inWords what to tell if it is lost, empty if nothing; must not refer to it
     */
    public static Open of(Supplier<String> inWords) {
        return new Open(inWords);
    }

    private static void tell(Supplier<String> inWords) {
        try {
            String words = inWords.get();
            if (!words.isEmpty()) {
                Log.warn(Leaks.class, words);
            }
        } catch (Throwable untold) {
            // It is only told.
        }
    }
}
