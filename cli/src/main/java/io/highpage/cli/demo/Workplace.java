// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.demo;

import io.highpage.Device;
import io.highpage.Highpage;
import io.highpage.cli.console.AccessTrace;
import io.highpage.cli.console.FileTransfer;

/**
 * What the demo works with.
 *
 * @param runtime the owner of its buffers
 * @param work what its device does
 * @param files how files are read and written
 * @param trace takes note of which spans the device uses
 */
record Workplace(Highpage runtime, DeviceWork work, FileTransfer files, AccessTrace trace) {
    Device device() {
        return runtime.device();
    }
}
