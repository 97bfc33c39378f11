// SPDX-License-Identifier: Apache-2.0

/** Lets a program that uses JOCL give its kernels Highpage's memory. */
// JOCL has no module descriptor; its jar's name gives the name.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module io.highpage.jocl {
    requires transitive io.highpage.opencl;
    requires transitive jocl;
    requires static org.jspecify;

    exports io.highpage.jocl;
}
