// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import java.util.OptionalLong;

/**
 * Whether and how the files may be cut.
 *
 * @param elementWise whether the kernel works on each element by itself, so that it may be run over
 *     a piece of each file at a time
 * @param chunk the largest piece, if files are to be fed in pieces; the kernel is element-wise then
 */
public record Cut(boolean elementWise, OptionalLong chunk) {
    /**
     * {@return what the options say}
     *
     * @param elementWise whether the kernel was declared element-wise
     * @param chunk the largest piece, which declares it too
     */
    public static Cut of(boolean elementWise, OptionalLong chunk) {
        return new Cut(elementWise || chunk.isPresent(), chunk);
    }

    /** {@return the option that declared the kernel element-wise} */
    String option() {
        return chunk.isPresent() ? "--chunk" : "--elementwise";
    }
}
