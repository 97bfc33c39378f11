// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.policy;

/** A policy of a cache as the literature has them: told of each use, asked for one victim. */
interface Replacement {

    /** Hears of a use of a span that is there. */
    void hit(int span);

    /** {@return a span that is there, which leaves now} */
    int victim();

    /** Hears that a span has come, and is used. */
    void came(int span);
}
