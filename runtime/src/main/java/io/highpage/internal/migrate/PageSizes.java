// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.migrate;

/**
 * How a buffer is cut into pages and spans.
 *
 * @param pageBytes size of a page, a power of two
 * @param spanShift log2 of the pages of a span; {@link #ONE_SPAN} if the buffer is one
 */
public record PageSizes(long pageBytes, int spanShift) {
    /** More pages than there are, and still a number of bytes. */
    private static final int ONE_SPAN = 62;

    /** {@return pages of a buffer that is one span} */
    public static PageSizes ofPages(long pageBytes) {
        return new PageSizes(pageBytes, ONE_SPAN);
    }

    /**
     * {@return pages and spans}
     *
     * @param spanBytes a power of two, at least a page
     */
    public static PageSizes of(long pageBytes, long spanBytes) {
        return new PageSizes(
                pageBytes,
                Long.numberOfTrailingZeros(spanBytes) - Long.numberOfTrailingZeros(pageBytes));
    }

    /** {@return the span that a page is in} */
    int span(long page) {
        return (int) (page >>> spanShift);
    }

    /** {@return the first page of the span that a page is in} */
    long spanFirst(long page) {
        return page >>> spanShift << spanShift;
    }

    /** {@return the first page behind the span that a page is in, which a buffer may not have} */
    long spanEnd(long page) {
        return spanFirst(page) + (1L << spanShift);
    }
}
