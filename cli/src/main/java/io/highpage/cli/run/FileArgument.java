// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import java.nio.file.Path;

/**
 * A kernel argument that is a file.
 *
 * @param output whether the kernel makes it, else it is read
 * @param path the file
 */
public record FileArgument(boolean output, Path path) {
    /** {@return as the user wrote it} */
    @Override
    public String toString() {
        return (output ? "--out " : "--in ") + path;
    }
}
