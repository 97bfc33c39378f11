// SPDX-License-Identifier: Apache-2.0
package io.highpage.management;

import java.util.List;
import java.util.Map;

/**
 * A runtime, as JMX shows it: counters since it was opened, and what is open in it. A second after
 * a program has opened its first runtime each has one in the platform's MBean server, until it is
 * closed: {@code -Dhighpage.mxbean=now} is at once, {@code false} never. Each attribute is of the
 * moment when it is asked for. Thread-safe; every call of a runtime that has become unreachable is
 * an {@link IllegalStateException}.
 */
public interface HighpageMXBean {

    /** {@return the version of Highpage; empty if its jar does not say} */
    String getVersion();

    /** {@return the runtime's name, by which its threads are called too} */
    String getName();

    /** {@return its devices, with what moved to and from them} */
    List<DeviceState> getDevices();

    /** {@return what is taken: one for each budget and memory} */
    List<BudgetState> getBudgets();

    /** {@return bytes that were copied, by the operation that wanted them elsewhere} */
    Map<String, Long> getMovedBytes();

    /** {@return how many operations have waited, for pages or for room} */
    long getWaits();

    /** {@return how long they have waited, in nanoseconds} */
    long getWaitNanos();

    /** {@return how many pins, holds and accesses were refused, by reason} */
    Map<String, Long> getRejections();

    /** {@return how often a budget had not the bytes that were asked for} */
    long getBudgetRefusals();

    /** {@return bytes of homes that were given up to make room} */
    long getDiscardedBytes();

    /** {@return how many buffers are open} */
    int getOpenBuffers();

    /** {@return how many registered holders are open, by kind} */
    Map<String, Integer> getOpenHolders();

    /** {@return the bytes that pins keep page-locked} */
    long getPageLockedBytes();

    /**
     * {@return the largest open buffers, and where their bytes are} Looks at each page that has
     * device memory.
     *
     * @param most how many at most, at least 0
     */
    List<BufferState> buffers(int most);

    /**
     * {@return the registered holders that have been open for longest; then those whose age is not
     * known}
     *
     * @param most how many at most, at least 0
     */
    List<HolderState> holders(int most);
}
