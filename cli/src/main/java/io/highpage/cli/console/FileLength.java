// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

/** How long the files of a command may be. */
public final class FileLength {
    /**
     * The longest file that commands take. Each, times the slots and files of a kernel and rounded
     * up to pages, is a number that a {@code long} has.
     */
    private static final long LARGEST = 1L << 50;

    private FileLength() {}

    /**
     * {@return the length of a file that a user named, so short that sums of sizes do not overflow}
     *
     * @param file what the user wrote
     * @param count number of its elements, at least 1
     * @param elementBytes bytes of each, at least 1
     * @throws UserError if it is longer
     */
    public static long checked(Object file, long count, long elementBytes) {
        if (count > LARGEST / elementBytes) {
            throw UserError.failed(file + " is too large, with " + Units.count(count, "element")
                    + " of " + Units.count(elementBytes, "byte") + ": files end at "
                    + Units.bytes(LARGEST));
        }
        return count * elementBytes;
    }
}
