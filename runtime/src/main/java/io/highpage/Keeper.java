// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.NamedKeeper;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Verification;

import java.lang.foreign.MemorySegment;

/**
 * Something outside the runtime that keeps the memory of pins through a registration of its own: an
 * io_uring ring, a network card's memory region, a native library. Implemented by bridges. Must be
 * thread-safe.
 */
public interface Keeper {

    /**
     * Makes a keeper of native code that works with addresses: a registration with it keeps the pin
     * from being closed, and does nothing else.
     *
     * @param name a name for messages, such as {@code libfoo}
     * @return the keeper
     */
    static Keeper named(String name) {
        return new NamedKeeper(name);
    }

    /**
     * {@return a name for messages, such as {@code io_uring ring 'rx'}}; asked once for each
     * registration.
     */
    String name();

    /**
     * {@return what a registration here does to the memory}: {@link Strength#KERNEL_HELD} unless
     * overridden; {@link Strength#RUNTIME} if it only keeps the pin from being closed. Asked once
     * for each registration.
     */
    default Strength strength() {
        return Strength.KERNEL_HELD;
    }

    /**
     * Asks the kernel, or whoever has registered the memory, whether it still keeps it. What this
     * throws, {@link Pin#verify} throws.
     *
     * @param range the whole range of a pin that is registered here
     * @return the answer; {@link Verification.Verdict#UNVERIFIABLE} where it cannot be known
     */
    Verification verify(MemorySegment range);
}
