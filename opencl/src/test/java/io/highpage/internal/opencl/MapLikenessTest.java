// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;

/** Drivers that map more of shared virtual memory than they were asked, or mix maps up. */
class MapLikenessTest {
    @TempDir
    private Path folder;

    private String outcome(String how) throws IOException {
        return JavaProcess.outcome(JavaProcess.mortal(
                MapLikenessMain.class,
                ShimDriver.alone(
                        folder,
                        "SHIM_SVM=coarse",
                        "SHIM_MAP=" + how,
                        "SHIM_CHECK=1",
                        "SHIM_REPORT=-")));
    }

    @ParameterizedTest
    @CsvSource({
        "whole, 0, 4096 to 1044479",
        "start, 1044480, 0 to 1044479",
        "small, 4096, 0 to 4095",
        "lines, 8192, 8202 to 8292"
    })
    void driverThatWritesBackMore_isFoundOut(String how, long wrong, String mapped)
            throws Exception {
        assertThat(outcome(how))
                .contains("fault: byte " + wrong + " of 1048576 is not as it was written while"
                        + " bytes " + mapped + " were mapped to be written")
                .contains("memory all freed", "0 complaints")
                .endsWith("exit 0\n");
    }

    /**
     * All but the first, which does as it is asked, lose bytes or end the process where two parts
     * of an extent are mapped at once.
     */
    @ParameterizedTest
    @ValueSource(strings = {"part", "refresh", "once", "one"})
    void driverThatMapsParts_orMixesMapsUp_losesNothing(String how) throws Exception {
        assertThat(outcome(how))
                .contains("fault: null", "wrong copies: 0")
                .contains("memory all freed", "0 complaints")
                .endsWith("exit 0\n");
    }
}
