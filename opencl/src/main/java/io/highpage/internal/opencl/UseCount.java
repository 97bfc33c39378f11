// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts who uses something of the driver's, its owner among them: what nobody uses can be given
 * back. Thread-safe.
 */
final class UseCount {
    private final AtomicInteger count = new AtomicInteger(1);

    /** {@return whether it can be used; if so, {@link #leave} ends that} */
    boolean enter() {
        // ORD volatile: of a new use and the last one's end one comes first; pairs with leave().
        return count.getAndUpdate(users -> users == 0 ? 0 : users + 1) > 0;
    }

    void leave() {
        // ORD volatile: the use comes before what is given back; pairs with enter() and isOver().
        count.decrementAndGet();
    }

    /** {@return whether nobody uses it, which stays so} */
    boolean isOver() {
        return count.get() == 0;
    }
}
