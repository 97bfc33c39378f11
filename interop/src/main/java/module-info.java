// SPDX-License-Identifier: Apache-2.0

/** Bridges from Highpage to libraries that programs already use. Each needs its library only when it is used. */
module io.highpage.interop {
    requires transitive io.highpage;
    requires io.highpage.bindings;
    // JOCL has no module descriptor; its jar's name gives the name.
    requires static transitive jocl;

    exports io.highpage.interop.jocl;
    exports io.highpage.interop.uring;
}
