// SPDX-License-Identifier: Apache-2.0

/**
 * Bridges from Highpage to libraries that programs already use. Each needs its library only when it
 * is used.
 */
module io.highpage.interop {
    requires transitive io.highpage;
    requires io.highpage.bindings;
    // Not transitive: a module that uses one bridge would need the libraries of all others to
    // compile. JOCL has no module descriptor; its jar's name gives the name.
    requires static jocl;
    requires static org.lwjgl;
    requires static org.apache.arrow.memory.core;
    // Named after its jar, as JOCL.
    requires static jucx;

    exports io.highpage.interop;
    exports io.highpage.interop.arrow;
    exports io.highpage.interop.jocl;
    exports io.highpage.interop.uring;
    exports io.highpage.interop.lwjgl;
    exports io.highpage.interop.ucx;
}
