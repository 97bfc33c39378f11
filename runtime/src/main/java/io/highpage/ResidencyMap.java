// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.internal.core.PagePlaces;
import io.highpage.outcome.Residency;

import java.util.Optional;

/**
 * A snapshot of where the pages of a range are. Pages may have moved since it was taken, unless
 * something keeps them. Immutable, hence thread-safe.
 */
public sealed interface ResidencyMap permits PagePlaces {

    /** {@return the number of pages of the range} */
    long pageCount();

    /**
     * {@return where a page is}
     *
     * @param page index of the page in the buffer
     * @throws IndexOutOfBoundsException if it is outside the range
     */
    Residency of(long page);

    /**
     * {@return the device that a page is on; of a lost one the device that it was on, of a moving
     * one the device that it comes from or goes to; empty for all others}
     *
     * @param page index of the page in the buffer
     * @throws IndexOutOfBoundsException if it is outside the range
     */
    Optional<Device> device(long page);

    /**
     * {@return how many pages of the range are somewhere}
     *
     * @param residency where
     */
    long count(Residency residency);

    /**
     * {@return one letter a page, see {@link Residency#letter()}; of more than 4096 pages how many
     * in a row, such as {@code 5000H 3000D}, and after some 4096 characters how many pages are left
     * out}
     */
    @Override
    String toString();

    /**
     * {@return a picture of fixed width}: each letter stands for an equal share of the pages and
     * shows what most of them are.
     *
     * @param width number of letters, at least 1
     */
    String picture(int width);
}
