// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * What OpenCL leaves undefined, or lets pass, is found in the checked mode; and nothing of nothing.
 */
@Tag("opencl")
class CheckedOpenClTest {
    private static final int COUNT = 1024;
    private static final String COPY = "kernel void copy(global const int *from, global int *to) {"
            + " if (from && to) to[get_global_id(0)] = from[get_global_id(0)]; }";

    private static OpenClDevice device(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), "there is no " + mode + " here");
        return OpenClDevice.open("tested", facts.device(), mode);
    }

    private static Highpage open(OpenClDevice device, boolean checked) {
        return Highpage.builder().device(device).checked(checked).open();
    }

    @ParameterizedTest
    @EnumSource
    void argument_thatIsClosedUntold_isNamed_alsoWhenItIsClosedLater(OpenClMemoryMode mode)
            throws Exception {
        OpenClDevice device = device(mode);
        try (Highpage hp = open(device, true);
                TestKernel kernel = TestKernel.compile(device, COPY, "copy");
                PageBuffer ints = hp.allocate(4 * COUNT)) {
            DeviceAccess access = ints.access(hp.device(), AccessMode.READ_WRITE);
            OpenClDevice.setArgument(kernel.address(), 1, access);
            assertThatIllegalStateException()
                    .isThrownBy(access::close)
                    .withMessageContaining("argument 1 of kernel copy")
                    .withMessageContaining("completesWith(event, access)");
            assertThat(access.isOpen()).isFalse();
            DeviceAccess shared = ints.access(Terms.defaults().shared(), hp.device());
            OpenClDevice.setArgument(kernel.address(), 1, shared);
            assertThatThrownBy(() -> shared.closeAsync().get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("argument 1 of kernel copy");
            assertThat(shared.isOpen()).isFalse();
            ints.write(0, new int[1]); // nobody is left in the way
        }
    }

    @ParameterizedTest
    @EnumSource
    void argument_thatIsToldOf_isFine_andEachAnew(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        try (Highpage hp = open(device, true);
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add");
                PageBuffer ints = hp.allocate(4 * COUNT)) {
            DeviceAccess access = ints.access(hp.device(), AccessMode.READ_WRITE);
            OpenClDevice.setArgument(kernel.address(), 0, access);
            OpenClKernel.launch(
                    device.queue().address(), kernel.address(), NdRange.of(COUNT), access, 3);
            access.close();
            assertThat(ints.get(java.lang.foreign.ValueLayout.JAVA_INT, 8)).isEqualTo(3);
            DeviceAccess again = ints.access(hp.device(), AccessMode.READ_WRITE);
            OpenClKernel.launch(
                    device.queue().address(), kernel.address(), NdRange.of(COUNT), again, 4);
            OpenClDevice.setArgument(kernel.address(), 0, again); // of a launch that never comes
            assertThatIllegalStateException().isThrownBy(again::close);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readingAccess_forWhatIsNotConst_isRefused_asIsTheOtherWayRound(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        long queue = device.queue().address();
        try (Highpage hp = open(device, true);
                TestKernel kernel = TestKernel.compile(device, COPY, "copy");
                PageBuffer ints = hp.allocate(4 * COUNT);
                PageBuffer more = hp.allocate(4 * COUNT);
                DeviceAccess reads = ints.access(hp.device(), AccessMode.READ);
                DeviceAccess writes = more.access(hp.device(), AccessMode.WRITE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OpenClDevice.setArgument(kernel.address(), 1, reads))
                    .withMessageContaining("argument 1")
                    .withMessageContaining("is not const");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OpenClDevice.setArgument(kernel.address(), 0, writes))
                    .withMessageContaining("is const");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OpenClKernel.launch(
                            queue, kernel.address(), NdRange.of(COUNT), reads, reads))
                    .withMessageContaining("is not const");
            OpenClKernel.launch(queue, kernel.address(), NdRange.of(COUNT), reads, writes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void uncheckedRuntime_letsAllOfItPass(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        try (Highpage hp = open(device, false);
                TestKernel kernel = TestKernel.compile(device, COPY, "copy");
                PageBuffer ints = hp.allocate(4 * COUNT);
                DeviceAccess reads = ints.access(hp.device(), AccessMode.READ)) {
            OpenClDevice.setArgument(kernel.address(), 1, reads);
            assertThat(reads.isChecked()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void cpu_besideAKernelThatWrites_isRefusedOnEveryKindOfMemory(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        try (Highpage hp = open(device, true);
                TestKernel kernel = TestKernel.compile(device, TestKernel.ADD, "add");
                PageBuffer ints = hp.allocate(4 * COUNT)) {
            ints.fill((byte) 0);
            try (DeviceAccess access = ints.access(hp.device(), AccessMode.READ_WRITE)) {
                OpenClKernel.launch(
                        device.queue().address(), kernel.address(), NdRange.of(COUNT), access, 1);
                assertThatThrownBy(() -> ints.read(0, new int[COUNT]))
                        .isInstanceOf(PagesBusyException.class);
            }
            int[] read = new int[COUNT];
            ints.read(0, read);
            assertThat(read).containsOnly(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void twoRuntimesOfOneContext_haveEachItsOwnRule_alsoInOneKernel(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        long queue = device.queue().address();
        OpenClDevice second = OpenClDevice.of(
                device.context().address(), device.nativeDevice().address(), queue, mode);
        try (Highpage checked = open(device, true);
                Highpage plain = open(second, false);
                TestKernel kernel = TestKernel.compile(device, COPY, "copy");
                PageBuffer ints = checked.allocate(4 * COUNT);
                PageBuffer more = plain.allocate(4 * COUNT)) {
            ints.fill((byte) 7);
            try (DeviceAccess reads = ints.access(checked.device(), AccessMode.READ);
                    DeviceAccess writes = more.access(plain.device(), AccessMode.READ_WRITE)) {
                OpenClKernel.launch(queue, kernel.address(), NdRange.of(COUNT), reads, writes);
                assertThatThrownBy(() -> ints.fill((byte) 8))
                        .isInstanceOf(PagesBusyException.class);
                if (mode == OpenClMemoryMode.FINE_GRAINED_SVM) {
                    more.read(0, new byte[4 * COUNT]); // of whatever is there by now
                }
            }
            byte[] read = new byte[4 * COUNT];
            more.read(0, read);
            assertThat(read).containsOnly(7);
            assertThatIllegalStateException()
                    .isThrownBy(() -> closeUntold(kernel, ints, checked))
                    .withMessageContaining("argument 1 of kernel copy");
            closeUntold(kernel, more, plain);
        }
    }

    private static void closeUntold(TestKernel kernel, PageBuffer ints, Highpage of) {
        try (DeviceAccess access = ints.access(of.device(), AccessMode.READ_WRITE)) {
            OpenClDevice.setArgument(kernel.address(), 1, access);
        }
    }

    @ParameterizedTest
    @EnumSource
    void accessOfNothing_isNullForAKernel(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        try (Highpage hp = open(device, true);
                TestKernel kernel = TestKernel.compile(device, COPY, "copy");
                PageBuffer ints = hp.allocate(4 * COUNT)) {
            ints.fill((byte) 7);
            try (DeviceAccess none = ints.range(4, 0).access(hp.device(), AccessMode.READ);
                    DeviceAccess all = ints.access(hp.device(), AccessMode.READ_WRITE)) {
                OpenClKernel.launch(
                        device.queue().address(), kernel.address(), NdRange.of(COUNT), none, all);
            }
            byte[] read = new byte[4 * COUNT];
            ints.read(0, read);
            assertThat(read).containsOnly(7);
        }
    }
}
