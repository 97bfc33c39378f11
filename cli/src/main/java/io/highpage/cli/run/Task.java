// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.run;

import io.highpage.Highpage;
import io.highpage.cli.console.AccessTrace;
import io.highpage.pipe.KernelProgram;

/**
 * What there is to do, whichever {@link Way} it is done.
 *
 * @param runtime has the device
 * @param program is compiled for it
 * @param files in pieces
 * @param call has its other arguments
 * @param room of the device
 * @param trace hears what the kernel uses
 */
record Task(
        Highpage runtime,
        KernelProgram program,
        JobFiles files,
        KernelJob.Call call,
        Room room,
        AccessTrace trace) {}
