// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.close.Closes;
import io.highpage.internal.migrate.PageSizes;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.migrate.Tiers;
import io.highpage.internal.os.HostMemory;
import io.highpage.internal.os.Linux;
import io.highpage.internal.page.BufferWord;
import io.highpage.internal.page.OffHeapWords;
import io.highpage.internal.page.PageTable;
import io.highpage.outcome.Allocation;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes the buffers of a runtime: looks whether there can be such a buffer, and puts its parts
 * together. Thread-safe.
 */
final class BufferMaker {
    private static final long PAGE_BYTES_MAX = 1L << 30;

    /** Of a buffer: so many windows take some 100 MB of heap for each device. */
    private static final long SPANS_MAX = 1L << 20;

    private final PageRuntime runtime;
    private final HostMemory host;
    private final Tiers tiers;
    private final AtomicLong nextBufferId = new AtomicLong(1);

    BufferMaker(PageRuntime runtime, HostMemory host, Tiers tiers) {
        this.runtime = runtime;
        this.host = host;
        this.tiers = tiers;
    }

    // ---- what is asked for ----

    /** {@return how a buffer of one span is cut} */
    static PageSizes pages(long pageBytes) {
        if (Long.bitCount(pageBytes) != 1
                || pageBytes < Linux.basePageBytes()
                || pageBytes > PAGE_BYTES_MAX) {
            throw new IllegalArgumentException("pageBytes=" + pageBytes
                    + " is not a power of two from " + Linux.basePageBytes()
                    + " (the system's base page) to " + PAGE_BYTES_MAX);
        }
        return PageSizes.ofPages(pageBytes);
    }

    /** {@return how a buffer is cut} */
    static PageSizes sizes(long byteSize, Allocation how) {
        Objects.requireNonNull(how, "how");
        long pageBytes = how.pageBytes() == 0 ? Linux.basePageBytes() : how.pageBytes();
        PageSizes oneSpan = pages(pageBytes);
        long spanBytes = how.spanBytes();
        if (spanBytes == 0) {
            return oneSpan;
        }
        if (spanBytes < pageBytes) {
            throw new IllegalArgumentException(
                    "spanBytes=" + spanBytes + " is less than a page of " + pageBytes + " bytes");
        }
        if ((byteSize - 1) / spanBytes >= SPANS_MAX) {
            throw new IllegalArgumentException("byteSize=" + byteSize + " is more than " + SPANS_MAX
                    + " spans of " + spanBytes + " bytes: take larger spans");
        }
        return PageSizes.of(pageBytes, spanBytes);
    }

    /** Refuses a size that no buffer has. */
    static void check(long byteSize, PageSizes sizes) {
        long pageBytes = sizes.pageBytes();
        if (byteSize < 1 || (byteSize - 1) / pageBytes >= BufferWord.PAGES_MAX) {
            throw new IllegalArgumentException("byteSize=" + byteSize + " is not from 1 to "
                    + BufferWord.PAGES_MAX + " pages of " + pageBytes + " bytes");
        }
    }

    // ---- its parts ----

    /** {@return a buffer whose size has been checked, charged to a budget, which it keeps open} */
    ManagedBuffer make(BudgetNode charged, long byteSize, PageSizes sizes) {
        Account account = new Account(charged);
        account.open();
        try {
            return make(account, byteSize, sizes);
        } catch (Throwable failure) {
            account.close();
            throw failure;
        }
    }

    private ManagedBuffer make(Account account, long byteSize, PageSizes sizes) {
        long pageBytes = sizes.pageBytes();
        long pageCount = (byteSize - 1) / pageBytes + 1;
        BufferMemory memory = BufferMemory.map(
                host, account, pageCount * pageBytes, pageBytes, OffHeapWords.byteSize(pageCount));
        try {
            PageTable table = new PageTable(new OffHeapWords(memory.words()), pageCount);
            // ORD volatile: each gets a number of its own; pairs with itself.
            Pages pages =
                    new Pages(nextBufferId.getAndIncrement(), table, memory.home(), sizes, tiers);
            return new ManagedBuffer(runtime, byteSize, pages, memory);
        } catch (RuntimeException | Error failure) {
            Closes.rethrow(Closes.step(failure, memory::close));
            throw failure;
        }
    }
}
