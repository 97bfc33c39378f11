// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * In the checked mode a coherent device refuses what a private one refuses: the CPU beside kernels,
 * unless both only read. Readers are the one difference, since a private device's bytes cannot be
 * read there.
 */
class CheckedModeTest {
    private static final int PAGE = Scene.PAGE;
    private static final Terms SHARED = Terms.defaults().shared();
    private static final int WAIT_SECONDS = 60;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private interface Use {
        void of(PageBuffer buffer, PageBuffer other);
    }

    private static final Map<String, Use> READS = new LinkedHashMap<>();
    private static final Map<String, Use> WRITES = new LinkedHashMap<>();

    static {
        READS.put("read", (buffer, other) -> buffer.read(0, new byte[3]));
        READS.put("get", (buffer, other) -> buffer.get(ValueLayout.JAVA_INT, 8));
        READS.put(
                "hold READ",
                (buffer, other) ->
                        buffer.hold(Terms.defaults().mode(AccessMode.READ)).close());
        READS.put("copyTo another", (buffer, other) -> buffer.range(0, 5).copyTo(other, 0));
        WRITES.put("write", (buffer, other) -> buffer.write(7, new byte[3]));
        WRITES.put("set", (buffer, other) -> buffer.set(ValueLayout.JAVA_INT, 8, 1));
        WRITES.put("fill", (buffer, other) -> buffer.range(1, 1).fill((byte) 1));
        WRITES.put("fill 0", (buffer, other) -> buffer.range(1, 1).fill((byte) 0));
        WRITES.put("hold", (buffer, other) -> buffer.hold().close());
        WRITES.put(
                "hold WRITE",
                (buffer, other) ->
                        buffer.hold(Terms.defaults().mode(AccessMode.WRITE)).close());
        WRITES.put("copyTo it", (buffer, other) -> other.range(0, 5).copyTo(buffer, 0));
        WRITES.put("copyTo itself", (buffer, other) -> buffer.range(0, 5).copyTo(buffer, 9));
    }

    @ParameterizedTest
    @CsvSource({
        "COHERENT, false",
        "COHERENT, true",
        "PRIVATE, false",
        "PRIVATE, true",
    })
    void everyUseByTheCpu_besideAnAccess(DeviceKind kind, boolean checked) {
        Rig rig = rest.openChecked(checked, Scene.device(kind));
        PageBuffer other = Scene.of(rig.runtime(), "H").buffer;
        for (AccessMode mode : AccessMode.values()) {
            Scene scene = Scene.of(rig.runtime(), "DD");
            Terms terms = Terms.defaults().mode(mode).owner("blur");
            try (DeviceAccess access = scene.buffer.access(terms, rig.runtime().device())) {
                boolean apart = checked || kind == DeviceKind.PRIVATE;
                boolean reads = mode == AccessMode.READ && kind == DeviceKind.COHERENT;
                READS.forEach((name, use) -> check(
                        name + " beside " + access,
                        apart && !reads,
                        () -> use.of(scene.buffer, other)));
                WRITES.forEach((name, use) -> check(
                        name + " beside " + access, apart, () -> use.of(scene.buffer, other)));
            }
            READS.values().forEach(use -> use.of(scene.buffer, other));
            WRITES.values().forEach(use -> use.of(scene.buffer, other));
            scene.buffer.close();
        }
    }

    private static void check(String when, boolean refused, Runnable use) {
        if (!refused) {
            use.run();
            return;
        }
        assertThatExceptionOfType(PagesBusyException.class)
                .as(when)
                .isThrownBy(use::run)
                .withMessageContaining("access 'blur' of bytes 0..8192")
                .withMessageContaining(
                        "taken by thread " + Thread.currentThread().getName())
                .satisfies(busy -> assertThat(busy.reason()).isEqualTo(PageOutcome.ACCESSED));
    }

    @ParameterizedTest
    @CsvSource({
        "COHERENT, false",
        "COHERENT, true",
        "PRIVATE, false",
        "PRIVATE, true",
    })
    void everyAccess_besideAHold(DeviceKind kind, boolean checked) {
        Rig rig = rest.openChecked(checked, Scene.device(kind));
        for (AccessMode held : AccessMode.values()) {
            for (AccessMode mode : AccessMode.values()) {
                String when = mode + " access beside " + held + " hold";
                Scene scene = Scene.of(rig.runtime(), "DD");
                try (Hold hold = scene.buffer.hold(Terms.defaults().mode(held).owner("cpu"))) {
                    boolean reads = held == AccessMode.READ && mode == AccessMode.READ;
                    Runnable access = () ->
                            scene.buffer.access(rig.runtime().device(), mode).close();
                    if (reads || !checked && kind == DeviceKind.COHERENT) {
                        access.run();
                        continue;
                    }
                    assertThatExceptionOfType(PagesBusyException.class)
                            .as(when)
                            .isThrownBy(access::run)
                            .withMessageContaining("hold 'cpu' of bytes 0..8192");
                }
                scene.buffer.access(rig.runtime().device(), mode).close();
                scene.buffer.close();
            }
        }
    }

    @Test
    void message_saysTheRuleAndTheWayOut() {
        Rig rig = rest.openChecked(true, Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DDD");
        try (DeviceAccess access =
                scene.buffer.range(PAGE, PAGE).access(rig.runtime().device(), AccessMode.WRITE)) {
            assertThatThrownBy(() -> scene.buffer.read(0, new byte[3 * PAGE]))
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining("page 1 is accessed")
                    .hasMessageContaining("close the access first, which waits for its kernels")
                    .hasMessageContaining("checked(false)");
            scene.buffer.read(0, new byte[PAGE]); // of other pages
            scene.buffer.range(2 * PAGE, 5).fill((byte) 1);
            assertThatThrownBy(() -> scene.buffer.read(PAGE - 1, new byte[2]))
                    .hasMessageContaining("page 1 is accessed"); // pages, as on a private device
        }
    }

    @Test
    void unlikeAccesses_areEachToBeClosed() {
        Rig rig = rest.openChecked(true, Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DD");
        DeviceAccess reads = scene.buffer.access(rig.runtime().device(), AccessMode.READ);
        DeviceAccess writes = scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE);
        DeviceAccess more = scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE);
        writes.close();
        assertThatThrownBy(() -> scene.buffer.read(0, new byte[1]))
                .isInstanceOf(PagesBusyException.class);
        more.close();
        scene.buffer.read(0, new byte[1]);
        assertThatThrownBy(() -> scene.buffer.write(0, new byte[1]))
                .isInstanceOf(PagesBusyException.class);
        reads.close();
        scene.buffer.write(0, new byte[1]);
    }

    @Test
    void failedClaims_leave() {
        Rig rig = rest.openChecked(true, Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DH");
        try (var pin = scene.buffer.range(PAGE, PAGE).pin(Terms.defaults())) {
            for (AccessMode mode : AccessMode.values()) {
                assertThatThrownBy(() -> scene.buffer.access(rig.runtime().device(), mode))
                        .isInstanceOf(PagesBusyException.class);
                scene.buffer.write(0, new byte[1]);
            }
            CompletableFuture<DeviceAccess> later =
                    scene.buffer.accessAsync(Terms.defaults(), rig.runtime().device());
            assertThatThrownBy(() -> later.get(WAIT_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
            scene.buffer.write(0, new byte[1]);
        }
    }

    @Test
    void whoHasTime_waits_andThenHasThePages() throws Exception {
        Rig rig = rest.openChecked(true, Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DD");
        Terms patient = SHARED.deadline(Duration.ofSeconds(WAIT_SECONDS));
        Hold hold = scene.buffer.hold(SHARED);
        CompletableFuture<DeviceAccess> access =
                scene.buffer.accessAsync(patient, rig.runtime().device());
        assertThat(access).isNotDone();
        hold.close();
        DeviceAccess taken = access.get(WAIT_SECONDS, TimeUnit.SECONDS);
        CompletableFuture<Void> held =
                CompletableFuture.runAsync(() -> scene.buffer.hold(patient).close());
        assertThat(held).isNotDone();
        taken.close();
        held.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void asynchronousAccess_thatIsCancelledOrLate_leaves() throws Exception {
        Rig rig = rest.openChecked(true, Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DD");
        try (Hold hold = scene.buffer.hold()) {
            Terms patient = SHARED.deadline(Duration.ofSeconds(WAIT_SECONDS));
            CompletableFuture<DeviceAccess> cancelled =
                    scene.buffer.accessAsync(patient, rig.runtime().device());
            CompletableFuture<DeviceAccess> late =
                    scene.buffer.accessAsync(Terms.defaults(), rig.runtime().device());
            assertThatThrownBy(() -> late.get(WAIT_SECONDS, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(PagesBusyException.class)
                    .hasMessageContaining("kernels do not get pages that the CPU is using");
            cancelled.cancel(true);
        }
        scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE).close();
        scene.buffer.write(0, new byte[1]);
        CompletableFuture<DeviceAccess> untaken =
                scene.buffer.accessAsync(Terms.defaults(), rig.runtime().device());
        CompletableFuture.allOf(untaken).get(WAIT_SECONDS, TimeUnit.SECONDS);
        untaken.cancel(true);
        scene.buffer.write(0, new byte[1]);
    }

    private static void awaitBoth(Phaser together) {
        try {
            together.awaitAdvanceInterruptibly(together.arrive(), WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException failed) {
            throw new IllegalStateException("the other thread has failed", failed);
        }
    }

    /** Two threads, one with kernels and one with the CPU: whoever is in, is in alone. */
    @Test
    void accessesAndHolds_thatBeginInTheMiddle_areNeverTogether() throws Exception {
        Rig rig = rest.openChecked(true, Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DD");
        AtomicBoolean kernel = new AtomicBoolean();
        AtomicBoolean cpu = new AtomicBoolean();
        Phaser together = new Phaser(2);
        CompletableFuture<Integer> kernels = CompletableFuture.supplyAsync(() -> {
            int got = 0;
            for (int i = 0; i < 2000; i++) {
                awaitBoth(together);
                try (DeviceAccess access =
                        scene.buffer.access(SHARED, rig.runtime().device())) {
                    kernel.set(true);
                    assertThat(cpu).isFalse();
                    kernel.set(false);
                    got++;
                } catch (PagesBusyException held) {
                    assertThat(held.reason()).isEqualTo(PageOutcome.HELD);
                }
            }
            return got;
        });
        int got = 0;
        for (int i = 0; i < 2000; i++) {
            awaitBoth(together);
            try (Hold hold = scene.buffer.hold()) {
                cpu.set(true);
                assertThat(kernel).isFalse();
                cpu.set(false);
                got++;
            } catch (PagesBusyException accessed) {
                assertThat(accessed.reason()).isEqualTo(PageOutcome.ACCESSED);
            }
        }
        int gotKernels = kernels.get(WAIT_SECONDS, TimeUnit.SECONDS);
        assertThat(got + gotKernels).isGreaterThanOrEqualTo(2000); // one of two is always in
        scene.buffer.fill((byte) 0);
    }
}
