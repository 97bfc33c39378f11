// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl.programs;

import java.util.List;

/**
 * A program as JOCL's users start from, and the same with its memory moved to Highpage. Only the
 * bodies of {@link #plain} and {@link #ported} differ; the table in docs/ports.md counts their
 * lines.
 */
interface Program {
    List<Program> ALL = List.of(
            new VectorAdd(),
            new Reduction(),
            new Histogram(),
            new Heat(),
            new Profiling(),
            new SvmMap(),
            new SubBuffers(),
            new MappedBuffers(),
            new SeveralDevices(),
            new Blas(),
            new Image());

    /** {@return what it computes, with JOCL alone} */
    Object plain(Setup cl);

    /** {@return what it computes, in Highpage's memory} */
    Object ported(Setup cl);

    /** {@return what it has to compute, by plain Java} */
    Object expected();

    /** {@return whether JOCL alone can, on this driver} */
    default boolean isPossible(Setup cl) {
        return true;
    }

    /** {@return whether Highpage can, on this device} */
    default boolean isPortable(Setup cl) {
        return true;
    }

    default String name() {
        return getClass().getSimpleName();
    }
}
