// SPDX-License-Identifier: Apache-2.0

/**
 * Generated bindings to OpenCL and Linux. Only Highpage's native seams see them: raw calls
 * appear nowhere else.
 */
module io.highpage.bindings {
    exports io.highpage.bindings.linux to
            io.highpage,
            io.highpage.uring;
    exports io.highpage.bindings.opencl to
            io.highpage.opencl;
}
