// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/** What keeps a long-term pinned range in place, weakest first. */
public enum Strength {
    /**
     * The runtime alone: no operation of this library moves the pages. The operating system may
     * still swap or compact them.
     */
    RUNTIME,
    /**
     * Page-locked with {@code mlock2}: never swapped out. The kernel may still move the frames
     * (compaction), so a physical address taken earlier can go stale.
     */
    PAGE_LOCKED,
    /**
     * Held by the kernel, or by a network card, through a registration of its own (see
     * {@link io.highpage.Pin#register}): the frames are neither swapped out nor moved.
     */
    KERNEL_HELD
}
