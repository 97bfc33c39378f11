// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.opencl.OpenClMemoryMode.BUFFER;
import static io.highpage.opencl.OpenClMemoryMode.COARSE_GRAINED_SVM;
import static io.highpage.opencl.OpenClMemoryMode.FINE_GRAINED_SVM;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.highpage.internal.opencl.ClDeviceFacts;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Which mode a context gets. Needs no driver. */
class MemoryModeTest {
    private static final ClDeviceFacts FINE = facts("fine", 11);
    private static final ClDeviceFacts COARSE = facts("coarse", 1);
    private static final ClDeviceFacts NONE = facts("plain", 0);

    private static ClDeviceFacts facts(String name, long svm) {
        return facts("Platform", name, svm);
    }

    private static ClDeviceFacts facts(String platform, String name, long svm) {
        MemorySegment none = MemorySegment.NULL;
        return new ClDeviceFacts(none, none, platform, name, "1", true, 4, svm, 1, 1, 1);
    }

    @Test
    void best_isWhatEveryDeviceOfTheContextHas() {
        assertThat(OpenClDevice.modeOf(List.of(FINE), null)).isEqualTo(FINE_GRAINED_SVM);
        assertThat(OpenClDevice.modeOf(List.of(FINE, COARSE), null)).isEqualTo(COARSE_GRAINED_SVM);
        assertThat(OpenClDevice.modeOf(List.of(FINE, NONE), null)).isEqualTo(BUFFER);
    }

    @Test
    void asked_isGivenIfTheContextHasIt() {
        assertThat(OpenClDevice.modeOf(List.of(FINE), COARSE_GRAINED_SVM))
                .isEqualTo(COARSE_GRAINED_SVM);
        assertThat(OpenClDevice.modeOf(List.of(NONE), BUFFER)).isEqualTo(BUFFER);
    }

    @Test
    void asked_butNotThere_namesTheDeviceThatLacksIt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.modeOf(List.of(FINE, COARSE), FINE_GRAINED_SVM))
                .withMessage(
                        "there is no fine-grained SVM in this context: SVM of coarse (Platform)"
                                + " is coarse-grained");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.modeOf(List.of(NONE), COARSE_GRAINED_SVM))
                .withMessageContaining("SVM of plain (Platform) is none");
    }

    @Test
    void aClMemThatLosesBytes_isRefused_askedForOrNot() {
        ClDeviceFacts nvidia = facts("NVIDIA CUDA", "card", 1);
        assertThat(OpenClDevice.modeOf(List.of(nvidia), null)).isEqualTo(COARSE_GRAINED_SVM);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.modeOf(List.of(nvidia), BUFFER))
                .withMessageContaining("a cl_mem of NVIDIA CUDA, card, driver 1: bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OpenClDevice.modeOf(List.of(NONE, nvidia), null))
                .withMessageEndingWith(
                        "use coarse-grained SVM, in a context where each device has it");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> OpenClDevice.modeOf(List.of(facts("NVIDIA CUDA", "old", 0)), null))
                .withMessageEndingWith("use another device: this one has no SVM");
    }
}
