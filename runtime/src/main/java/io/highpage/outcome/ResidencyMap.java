// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

import java.util.Arrays;

/**
 * A snapshot of where the pages of a range are. Pages may have moved since it was taken, unless
 * something keeps them. Immutable, hence thread-safe.
 */
public final class ResidencyMap {
    private static final Residency[] VALUES = Residency.values();

    private final long firstPage;
    private final byte[] pages;

    /**
     * Made by the runtime.
     *
     * @param firstPage index in the buffer of the first page
     * @param pages a residency's ordinal for each page; copied
     */
    public ResidencyMap(long firstPage, byte[] pages) {
        this.firstPage = firstPage;
        this.pages = pages.clone();
    }

    /** {@return the number of pages of the range} */
    public long pageCount() {
        return pages.length;
    }

    /**
     * {@return where a page is}
     *
     * @param page index of the page in the buffer
     * @throws IndexOutOfBoundsException if it is outside the range
     */
    public Residency of(long page) {
        return VALUES[
                pages[(int) java.util.Objects.checkIndex(page - firstPage, (long) pages.length)]];
    }

    /**
     * {@return how many pages of the range are somewhere}
     *
     * @param residency where
     */
    public long count(Residency residency) {
        long count = 0;
        for (byte page : pages) {
            if (page == residency.ordinal()) {
                count++;
            }
        }
        return count;
    }

    /** {@return one letter a page, see {@link Residency#letter()}} */
    @Override
    public String toString() {
        char[] letters = new char[pages.length];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = VALUES[pages[i]].letter();
        }
        return new String(letters);
    }

    /**
     * {@return a picture of fixed width}: each letter stands for an equal share of the pages and
     * shows what most of them are.
     *
     * @param width number of letters, at least 1
     */
    public String picture(int width) {
        if (width < 1) {
            throw new IllegalArgumentException("width=" + width + " is below 1");
        }
        char[] letters = new char[Math.min(width, pages.length)];
        int[] counts = new int[VALUES.length];
        for (int i = 0; i < letters.length; i++) {
            Arrays.fill(counts, 0);
            int from = (int) ((long) pages.length * i / letters.length);
            int to = (int) ((long) pages.length * (i + 1) / letters.length);
            for (int page = from; page < to; page++) {
                counts[pages[page]]++;
            }
            int most = 0;
            for (int kind = 1; kind < counts.length; kind++) {
                if (counts[kind] > counts[most]) {
                    most = kind;
                }
            }
            letters[i] = VALUES[most].letter();
        }
        return new String(letters);
    }
}
