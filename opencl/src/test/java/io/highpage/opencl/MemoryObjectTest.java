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
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.internal.opencl.TestKernel;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceWaitException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** The {@code cl_mem} of an access, on each kind of memory. */
@Tag("opencl")
class MemoryObjectTest {
    private static final int WORDS = 64 << 10;
    private static final int INSIDE = 16 << 10; // first word of the range that is accessed
    private static final int LENGTH = 32 << 10;

    private final FaultAt calls = new FaultAt(0, 0);

    private OpenClDevice device(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), "the driver has no " + mode);
        return OpenClDevice.open(Cl.open(calls), "opencl:test", facts.device(), mode);
    }

    @ParameterizedTest
    @EnumSource
    void kernelsSeeTheSameBytesByWayOfIt(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        Highpage highpage = Highpage.builder().device(device).open();
        try (TestKernel add = TestKernel.compile(device, TestKernel.ADD, "add");
                PageBuffer words = highpage.allocate(4L * WORDS)) {
            words.fill((byte) 0);
            words.prefetch(highpage.device()); // takes the device's memory
            Map<String, Integer> before = calls.live();
            for (int round = 0; round < 20; round++) { // now by way of one, now of the other
                try (DeviceAccess access = words.range(4L * INSIDE, 4L * LENGTH)
                        .access(highpage.device(), AccessMode.READ_WRITE)) {
                    long memory = OpenClDevice.memoryObject(access);
                    assertThat(OpenClDevice.memoryObject(access)).isEqualTo(memory);
                    long queue = device.queue().address();
                    NdRange range = NdRange.of(LENGTH);
                    OpenClKernel.launch(queue, add.address(), range, access, 1);
                    OpenClKernel.launch(
                            queue, add.address(), range, KernelArgument.object(memory), 10);
                    OpenClKernel.launch(queue, add.address(), range, access, 100);
                    device.quiesce();
                }
            }
            assertThat(calls.live()).isEqualTo(before);
            int[] read = new int[WORDS];
            words.read(0, MemorySegment.ofArray(read));
            for (int i = 0; i < WORDS; i++) {
                boolean inside = i >= INSIDE && i < INSIDE + LENGTH;
                assertThat(read[i]).isEqualTo(inside ? 20 * 111 : 0);
            }
        }
        highpage.close();
        assertThat(calls.live()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void threadsThatAskAtOnce_getTheSame(OpenClMemoryMode mode) throws Exception {
        try (Highpage highpage = Highpage.builder().device(device(mode)).open();
                PageBuffer words = highpage.allocate(4L * WORDS);
                DeviceAccess access = words.access(highpage.device(), AccessMode.WRITE);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            CyclicBarrier all = new CyclicBarrier(8);
            Callable<Long> asks = () -> {
                all.await();
                return OpenClDevice.memoryObject(access);
            };
            Set<Long> made = new HashSet<>();
            for (Future<Long> each : threads.invokeAll(Collections.nCopies(8, asks))) {
                made.add(each.get());
            }
            assertThat(made).hasSize(1);
            access.completesWith(() -> {}); // no command uses what was asked for
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatBeginsWhereNoSubBufferCan_isRefusedInWords(OpenClMemoryMode mode) {
        try (Highpage highpage = Highpage.builder().device(device(mode)).open();
                PageBuffer words = highpage.allocate(4L * WORDS)) {
            words.fill((byte) 0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> {
                        try (DeviceAccess access =
                                words.range(4, 8).access(highpage.device(), AccessMode.READ)) {
                            OpenClDevice.memoryObject(access);
                        }
                    })
                    .withMessageContaining("on this device")
                    .withMessageContaining("must start at a multiple of");
        }
    }

    @ParameterizedTest
    @EnumSource
    void itGoesWithTheAccess_alsoWhenAWaitFailsAndTheCloseIsCalledAgain(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        try (Highpage highpage = Highpage.builder().device(device).open();
                PageBuffer words = highpage.allocate(4L * WORDS)) {
            words.fill((byte) 0);
            words.prefetch(highpage.device()); // takes the device's memory
            Map<String, Integer> before = calls.live();
            DeviceAccess access = words.access(highpage.device(), AccessMode.READ_WRITE);
            OpenClDevice.memoryObject(access);
            Map<String, Integer> open = calls.live();
            AtomicInteger waits = new AtomicInteger();
            access.completesWith(() -> {
                if (waits.incrementAndGet() == 1) {
                    throw new DeviceWaitException("not known yet", null);
                }
            });
            assertThatThrownBy(access::close).isInstanceOf(DeviceWaitException.class);
            assertThat(calls.live()).isEqualTo(open);
            access.close();
            assertThat(calls.live()).isEqualTo(before);
            assertThatIllegalStateException().isThrownBy(() -> OpenClDevice.memoryObject(access));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeGivenBack_isToldByTheClose_whichGivesTheRestBack(OpenClMemoryMode mode) {
        OpenClDevice device = device(mode);
        try (Highpage highpage = Highpage.builder().device(device).open();
                PageBuffer words = highpage.allocate(4L * WORDS)) {
            words.fill((byte) 0);
            words.prefetch(highpage.device()); // takes the device's memory
            Map<String, Integer> before = calls.live();
            DeviceAccess access = words.access(highpage.device(), AccessMode.READ_WRITE);
            OpenClDevice.memoryObject(access);
            access.completesWith(() -> {}); // no command uses it
            StringBuilder order = new StringBuilder();
            assertThatThrownBy(() -> access.make(null, order::append)).hasMessage("maker");
            access.make(() -> "a", order::append);
            access.make(() -> "b", thing -> {
                order.append(thing);
                throw new DeviceException("b stays", null);
            });
            boolean[] again = {true};
            access.make(() -> "c", thing -> {
                order.append(thing);
                if (again[0]) {
                    again[0] = false;
                    throw new StackOverflowError();
                }
            });
            assertThatThrownBy(access::close).isInstanceOf(StackOverflowError.class);
            assertThat(access.isOpen()).isTrue();
            assertThatThrownBy(access::close).hasMessage("b stays");
            assertThat(order).hasToString("ccba");
            assertThat(access.isOpen()).isFalse();
            assertThat(calls.live()).isEqualTo(before);
            assertThatIllegalStateException().isThrownBy(() -> access.make(() -> 1, thing -> {}));
        }
    }
}
