// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.bindings.linux.linux_h;

import org.junit.jupiter.api.Test;

class ProcessorTest {
    @Test
    void numbers_areThoseOfTheBindings_whichAreForX86() {
        Processor known = Processor.of("Linux", "amd64").orElseThrow();
        assertThat(known.oTmpfile()).isEqualTo(linux_h.O_TMPFILE());
        assertThat(known.oDirect()).isEqualTo(linux_h.O_DIRECT());
        assertThat(known.rtSigaction()).isEqualTo(linux_h.SYS_rt_sigaction());
    }

    /**
     * Of Linux's headers: asm-generic/fcntl.h, those of arm64 and powerpc, and the tables of system
     * calls.
     */
    @Test
    void numbers_ofOtherProcessors_areTheirOwn() {
        Processor arm = Processor.of("Linux", "aarch64").orElseThrow();
        assertThat(arm.oDirect()).as("0x4000 is O_DIRECTORY there").isEqualTo(0x1_0000);
        assertThat(arm.rtSigaction()).isEqualTo(134);
        assertThat(arm.oTmpfile()).isEqualTo(0x40_4000);
        assertThat(Processor.of("Linux", "ppc64le").orElseThrow().oDirect()).isEqualTo(0x2_0000);
    }

    @Test
    void unknown_isEmpty() {
        assertThat(Processor.of("Linux", "sparcv9")).isEmpty();
        assertThat(Processor.of("Mac OS X", "aarch64")).isEmpty();
    }
}
