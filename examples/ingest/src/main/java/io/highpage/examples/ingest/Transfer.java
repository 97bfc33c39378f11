// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.PageRange;
import io.highpage.Pin;

import java.io.IOException;

/**
 * How bytes get from a file into pages and from pages into a file. One thread may read while
 * another one writes.
 */
interface Transfer extends AutoCloseable {
    /** {@return the way, in words} */
    String description();

    /**
     * Fills a range of pages from the input. They come home, and may leave again afterwards.
     *
     * @throws java.io.EOFException if the input ends before
     * @throws IOException if it cannot be read
     */
    void read(long fileOffset, PageRange range) throws IOException;

    /**
     * Writes what is pinned to the output.
     *
     * @throws IOException if it cannot be written
     */
    void write(long fileOffset, Pin kept) throws IOException;

    @Override
    void close();
}
