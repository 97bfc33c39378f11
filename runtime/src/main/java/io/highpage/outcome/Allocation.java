// SPDX-License-Identifier: Apache-2.0
package io.highpage.outcome;

/**
 * How a buffer is cut: into pages, which move and are counted, and into spans, each of which has
 * its own memory on a device. Immutable; each method returns a changed copy. Thread-safe.
 *
 * <p>A buffer that names no span is one span, and its memory on a device is one piece for all of
 * it: it has to fit there as a whole. One in spans may be larger than the device. A device access
 * lies within one span; everything else crosses spans freely.
 */
public final class Allocation {
    /** The smallest span, in bytes: 2 MiB. */
    public static final long SPAN_BYTES_MIN = 2L << 20;

    private static final Allocation DEFAULTS = new Allocation(0, 0);

    private final long pageBytes;
    private final long spanBytes;

    private Allocation(long pageBytes, long spanBytes) {
        this.pageBytes = pageBytes;
        this.spanBytes = spanBytes;
    }

    /** {@return the default}: the system's base pages (usually 4 KiB), one span */
    public static Allocation defaults() {
        return DEFAULTS;
    }

    /**
     * Chooses the size of pages.
     *
     * @param bytes a power of two from the system's base page to 1 GiB, checked when a buffer is
     *     allocated
     * @return the changed copy
     */
    public Allocation pageBytes(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("pageBytes=" + bytes + " is not positive");
        }
        return new Allocation(bytes, spanBytes);
    }

    /**
     * Chooses the size of spans. A device takes and gives back memory for a whole span: large ones
     * let an access have more, small ones let more of them share a device. Each costs some 100
     * bytes of Java's heap for each device.
     *
     * @param bytes a power of two from {@link #SPAN_BYTES_MIN}, and at least a page; the last span
     *     of a buffer may be shorter
     * @return the changed copy
     * @throws IllegalArgumentException if it is none
     */
    public Allocation spanBytes(long bytes) {
        if (Long.bitCount(bytes) != 1 || bytes < SPAN_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "spanBytes=" + bytes + " is not a power of two from " + SPAN_BYTES_MIN + " up");
        }
        return new Allocation(pageBytes, bytes);
    }

    /** {@return the size of pages in bytes, 0 for the system's base page} */
    public long pageBytes() {
        return pageBytes;
    }

    /** {@return the size of spans in bytes, 0 if the buffer is one span} */
    public long spanBytes() {
        return spanBytes;
    }

    @Override
    public String toString() {
        return "pages of " + (pageBytes == 0 ? "the system's size" : pageBytes + " bytes") + ", "
                + (spanBytes == 0 ? "one span" : "spans of " + spanBytes + " bytes");
    }
}
