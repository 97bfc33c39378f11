// SPDX-License-Identifier: Apache-2.0

/** Element-wise kernels over files in pieces, a pool of what that needs, the room of a device. */
// Compiled before cli; JOCL has no module descriptor.
@SuppressWarnings({"module", "requires-automatic", "requires-transitive-automatic"})
module io.highpage.pipe {
    requires transitive io.highpage.opencl;
    requires io.highpage.jocl;
    requires io.highpage.uring;
    requires transitive jocl;
    requires static org.jspecify;

    exports io.highpage.pipe;
    // Loops over bytes of files, which the command line needs for whole files too.
    exports io.highpage.internal.pipe to
            io.highpage.cli;
}
