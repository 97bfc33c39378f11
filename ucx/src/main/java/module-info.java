// SPDX-License-Identifier: Apache-2.0

/** Pins registered with UCX. */
// jucx has no module descriptor; its jar's name gives the name.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module io.highpage.ucx {
    requires transitive io.highpage;
    requires transitive jucx;
    requires static org.jspecify;

    exports io.highpage.ucx;
}
