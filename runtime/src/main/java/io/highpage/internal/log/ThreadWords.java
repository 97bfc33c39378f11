// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.log;

/** What a thread is called in messages. */
public final class ThreadWords {
    private ThreadWords() {}

    /** {@return its name, if it has one, and its number: most virtual threads have no name} */
    public static String of(Thread thread) {
        return of(thread.getName(), thread.threadId());
    }

    /** As {@link #of(Thread)}, by the name that a thread had. */
    public static String of(String name, long threadId) {
        return name.isEmpty() ? "#" + threadId : name + " #" + threadId;
    }
}
