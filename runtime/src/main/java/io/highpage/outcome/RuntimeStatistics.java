// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import io.highpage.internal.outcome.StatisticsSnapshot;

import java.time.Duration;
import java.util.Map;

/**
 * What a runtime has done since it was opened, and what is open in it. Only what is not in place is
 * counted, so that counting costs what is in place nothing. The numbers of one are of nearly, not
 * exactly, the same moment. Immutable, hence thread-safe. {@code toString} gives some lines.
 */
public sealed interface RuntimeStatistics permits StatisticsSnapshot {

    /** {@return the runtime's name, by which its threads are called too} */
    String name();

    /** {@return what moved to and from each device, by its name, in the order of the runtime} */
    Map<String, DeviceTraffic> devices();

    /** {@return what the runtime's budget, and those in it, may take and have taken} */
    BudgetInfo budget();

    /**
     * {@return bytes that were copied from tier to tier, by the operation that wanted them there,
     * in the words of messages: {@code long-term pin}, {@code hold}, {@code device access},
     * {@code prefetch}, {@code evict} (to make room, too), {@code write back ahead}, {@code going
     * back}; each is in it}
     */
    Map<String, Long> movedBytes();

    /** {@return how many operations have waited, for pages or for room} */
    long waits();

    /**
     * {@return how long they have waited, all together; of one that waits now what is over of it}
     */
    Duration waitTime();

    /**
     * {@return how many pins, holds and device accesses were refused, {@code read} and
     * {@code write} among them, by reason; each reason is in it} A closed buffer is not counted,
     * nor are pages that {@code pinPossible} left out.
     */
    Map<PageOutcome, Long> rejections();

    /**
     * {@return how often a budget had not the bytes that were asked for} Making room comes after a
     * refusal, so that most of them fail nothing.
     */
    long budgetRefusals();

    /** {@return bytes of homes that were given up to make room in host memory} */
    long discardedBytes();

    /** {@return how many buffers are open} */
    int openBuffers();

    /**
     * {@return how many registered holders are open, by {@link HolderInfo#kind}: each kind is in
     * it}
     */
    Map<String, Integer> openHolders();

    /** {@return the bytes that open pins keep page-locked, each page counted once} */
    long pageLockedBytes();
}
