// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.cli.console.OutputFile;
import io.highpage.cli.console.Progress;

import java.util.List;

/** A way to run a kernel over files. */
@FunctionalInterface
interface Way {
    /**
     * Does it.
     *
     * @param outputs take the results, one for each {@code --out}; the caller completes them
     * @param progress is told the bytes moved
     * @return what was done
     * @throws io.highpage.cli.console.UserError if it cannot be done
     */
    Result run(List<OutputFile> outputs, Progress progress);
}
