// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Copies between buffers, to and from pages on a private device. */
class DriverCopyTest {
    private static final int PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private Rig rig() {
        return rest.open(Scene.device(DeviceKind.PRIVATE));
    }

    private static void copy(Scene from, int offset, Scene to, int targetOffset, int bytes) {
        from.buffer.range(offset, bytes).copyTo(to.buffer, targetOffset);
        System.arraycopy(from.bytes, offset, to.bytes, targetOffset, bytes);
    }

    private static void assertPlaces(Scene from, String source, Scene to, String target) {
        assertThat(from.places()).isEqualTo(source);
        assertThat(to.places()).isEqualTo(target);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static void checkBytes(Scene one, Scene other) {
        one.checkBytes("one");
        other.checkBytes("other");
    }

    @Test
    void copy_toPagesOnThePrivateDevice_leavesThemThere() {
        Rig rig = rig();
        Scene from = Scene.of(rig.runtime(), "H.HHH");
        Scene to = Scene.of(rig.runtime(), "DDDDD");

        copy(from, 5, to, PAGE + 3, 3 * PAGE);
        assertPlaces(from, "HHHHH", to, "DDDDD");
        copy(from, 2 * PAGE, to, 7, 2 * PAGE); // now the device is behind
        assertPlaces(from, "HHHHH", to, "DDDDD");
        checkBytes(from, to);
    }

    @Test
    void copy_fromPagesOnThePrivateDevice_leavesThemThere() {
        Rig rig = rig();
        Scene from = Scene.of(rig.runtime(), "DDDDD");
        Scene to = Scene.of(rig.runtime(), "H.HHH");
        try (Pin pin = to.buffer.pin(Pin.longTerm())) { // as the buffer of a ring
            copy(from, 5, to, PAGE + 3, 3 * PAGE);
            copy(from, 2 * PAGE, to, 7, 2 * PAGE);
            assertThat(pin.isOpen()).isTrue();
        }
        assertPlaces(from, "DDDDD", to, "HHHHH");
        checkBytes(from, to);
    }

    /**
     * The driver could, but in the middle of a kernel: what it writes is refused as what the CPU
     * writes.
     */
    @Test
    void copies_ofPagesThatAKernelMayUse_areAllRefusedAlike() {
        Rig rig = rig();
        Scene home = Scene.of(rig.runtime(), "HHH");
        Scene there = Scene.of(rig.runtime(), "DDD");
        MemorySegment page = MemorySegment.ofArray(new byte[2 * PAGE]);
        Map<String, Runnable> copies = Map.of(
                "zeroes", () -> there.buffer.range(PAGE, PAGE).fill((byte) 0),
                "ones", () -> there.buffer.range(PAGE, PAGE).fill((byte) 1),
                "write", () -> there.buffer.write(PAGE, page),
                "read", () -> there.buffer.read(PAGE, page),
                "copy in", () -> home.buffer.range(0, 2 * PAGE).copyTo(there.buffer, PAGE),
                "copy out", () -> there.buffer.range(PAGE, 2 * PAGE).copyTo(home.buffer, 0),
                "hold", () -> there.buffer.range(PAGE, PAGE).hold().close());
        Terms terms = Terms.defaults().owner("kernel");
        try (DeviceAccess access =
                there.buffer.range(PAGE + 7, 1).access(terms, rig.runtime().device())) {
            copies.forEach((name, copy) -> assertThatThrownBy(copy::run)
                    .as(name)
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining("page 1 is ")
                    .hasMessageContaining("access 'kernel'"));
            there.buffer.range(0, PAGE).fill((byte) 0); // its neighbours are free
            home.buffer.range(0, PAGE).copyTo(there.buffer, 2 * PAGE);
            assertThat(access.isOpen()).isTrue();
        }
        Arrays.fill(there.bytes, 0, PAGE, (byte) 0);
        System.arraycopy(home.bytes, 0, there.bytes, 2 * PAGE, PAGE);
        assertPlaces(home, "HHH", there, "DDD");
        checkBytes(home, there);
    }

    /** And the other way round. Two copies by the driver do not disturb each other. */
    @Test
    void access_ofPagesThatTheDriverCopies_isRefused() throws Exception {
        CountDownLatch copying = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Rig rig = rest.open(new ForwardingDevice(Scene.device(DeviceKind.PRIVATE)) {
            @Override
            public Extent allocate(long byteSize) {
                return new ForwardingExtent(super.allocate(byteSize)) {
                    @Override
                    public void copyOut(long base, MemorySegment window, PageRuns runs) {
                        copying.countDown();
                        await(end);
                        super.copyOut(base, window, runs);
                    }
                };
            }
        });
        Scene from = Scene.of(rig.runtime(), "DD");
        Scene to = Scene.of(rig.runtime(), "HH");
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<?> copied = other.submit(() -> copy(from, 0, to, 0, PAGE));
            copying.await();
            try {
                assertThatThrownBy(
                                () -> from.buffer.access(rig.runtime().device(), AccessMode.READ))
                        .isInstanceOf(PagesBusyException.class)
                        .hasMessageContaining("page 0 is held");
                copy(to, 1, from, 1, 10);
                assertThat(from.buffer.residency()).hasToString("DD");
                assertThat(from.buffer.range(0, PAGE).evict().outcomes().of(0))
                        .isEqualTo(PageOutcome.HELD);
                assertThat(to.buffer
                                .range(0, PAGE)
                                .prefetch(rig.runtime().device())
                                .outcomes()
                                .of(0))
                        .isEqualTo(PageOutcome.HELD);
            } finally {
                end.countDown();
            }
            copied.get();
        }
        from.buffer.access(rig.runtime().device(), AccessMode.READ).close();
        checkBytes(from, to);
    }

    @Test
    void copy_whereSomePagesAreElsewhere_bringsThemHome() {
        Rig rig = rig();
        Scene from = Scene.of(rig.runtime(), "HHHH");
        Scene to = Scene.of(rig.runtime(), "DDHD"); // not all on the device
        copy(from, 0, to, 0, 4 * PAGE);
        assertPlaces(from, "HHHH", to, "HHHH");
        checkBytes(from, to);
    }

    @Test
    void copy_betweenPagesOnTheDevice_readsTheSourceAtHome() {
        Rig rig = rig();
        Scene from = Scene.of(rig.runtime(), "DDD");
        Scene to = Scene.of(rig.runtime(), "DDD");
        copy(from, PAGE, to, 0, 2 * PAGE);
        assertPlaces(from, "DBB", to, "DDD");
        checkBytes(from, to);
    }

    @Test
    void zeroes_onPagesOnThePrivateDevice_leaveThemThere() {
        Rig rig = rig();
        Scene scene = Scene.of(rig.runtime(), "DDDD");
        scene.buffer.range(5, 2 * PAGE + 2).fill((byte) 0);
        Arrays.fill(scene.bytes, 5, 7 + 2 * PAGE, (byte) 0);
        assertThat(scene.buffer.residency()).hasToString("DDDD");
        scene.checkBytes("zeroed");

        Scene partly = Scene.of(rig.runtime(), "DDHD");
        partly.buffer.range(0, 4 * PAGE).fill((byte) 0);
        Arrays.fill(partly.bytes, (byte) 0);
        assertThat(partly.buffer.residency()).hasToString("HHHH");
        partly.checkBytes("zeroed at home");
    }

    @Test
    void copy_thatFails_leavesAllOtherBytes() {
        Rig rig = rig();
        Scene from = Scene.of(rig.runtime(), "HH");
        Scene to = Scene.of(rig.runtime(), "DDD");
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.COPY_IN));
        assertThatThrownBy(() -> from.buffer.range(0, PAGE).copyTo(to.buffer, 100))
                .isInstanceOf(DeviceException.class);
        rig.faults().arm(1, Faults.FAIL, EnumSet.of(Call.COPY_OUT));
        assertThatThrownBy(() -> to.buffer.range(0, PAGE).copyTo(from.buffer, 100))
                .isInstanceOf(DeviceException.class);
        rig.faults().disarm();
        assertPlaces(from, "HH", to, "DDD");

        for (Scene scene : new Scene[] {from, to}) { // of the target range nothing is known
            scene.buffer.write(100, MemorySegment.ofArray(scene.bytes).asSlice(100, PAGE));
        }
        checkBytes(from, to);
    }

    @Test
    void copy_thatLosesTheDevice_saysSoAndLeavesTheOtherBuffer() {
        Rig rig = rig();
        Scene from = Scene.of(rig.runtime(), "HH");
        Scene to = Scene.of(rig.runtime(), "DD");
        rig.faults().arm(1, Faults.LOSE, EnumSet.of(Call.COPY_IN));
        assertThatThrownBy(() -> from.buffer.range(0, PAGE).copyTo(to.buffer, 0))
                .isInstanceOf(DeviceLostException.class);
        assertPlaces(from, "HH", to, "xx");
        checkBytes(from, to);
    }

    @Test
    void copies_atRandom_areThoseOfArrays() {
        Rig rig = rig();
        Scene[] scenes = {Scene.of(rig.runtime(), "HDHDHDHD"), Scene.of(rig.runtime(), "........")};
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            Scene from = scenes[random.nextInt(2)];
            Scene to = from == scenes[0] ? scenes[1] : scenes[0];
            for (Scene scene : scenes) {
                int first = random.nextInt(scene.bytes.length);
                int bytes = 1 + random.nextInt(scene.bytes.length - first);
                if (random.nextBoolean()) {
                    scene.buffer.range(first, bytes).prefetch(rig.runtime().device());
                } else if (random.nextInt(4) == 0) {
                    scene.buffer.range(first, bytes).evict();
                }
            }
            int bytes = 1 + random.nextInt(4 * PAGE);
            copy(
                    from,
                    random.nextInt(from.bytes.length - bytes),
                    to,
                    random.nextInt(to.bytes.length - bytes),
                    bytes);
            if (seed % 25 == 0) {
                checkBytes(from, to);
            }
        }
    }
}
