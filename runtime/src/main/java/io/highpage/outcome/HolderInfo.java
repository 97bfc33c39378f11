// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.HeldRange;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One entry of the report of who holds what. Immutable, hence thread-safe. */
public sealed interface HolderInfo permits HeldRange {

    /**
     * {@return {@code pin}, {@code hold} or {@code access}; {@code home} for a registration of a
     * buffer's home}
     */
    String kind();

    /** {@return what is done with the bytes} */
    AccessMode mode();

    /** {@return the owner's name, empty if none was given} */
    String owner();

    /**
     * {@return name of the thread that took it, as it was then; empty if it had none, as most
     * virtual threads}
     */
    String thread();

    /** {@return that thread's {@link Thread#threadId()}} */
    long threadId();

    /** {@return number of the buffer} */
    long buffer();

    /** {@return first byte of the range in the buffer} */
    long offset();

    /** {@return length of the range in bytes} */
    long byteSize();

    /** {@return what keeps the range in place} */
    Strength strength();

    /**
     * {@return names of those that a pin or a home is registered with, one for each open
     * registration}
     */
    List<String> keepers();

    /**
     * {@return how long it has been open; empty if it has no owner's name, since reading the clock
     * would cost an unnamed pin as much as all the rest}
     */
    Optional<Duration> age();

    /**
     * {@return the stack on which it was taken, innermost call of the program first; empty unless
     * the JVM was started with {@code -Dhighpage.trace.holders=true}}
     */
    List<StackTraceElement> place();

    /** {@return one line for messages} */
    @Override
    String toString();
}
