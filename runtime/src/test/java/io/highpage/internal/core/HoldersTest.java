// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.Keeper;
import io.highpage.LimitedChild;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** Who holds what: the report and the error texts. */
class HoldersTest {
    private static final int PAGE = Scene.PAGE;

    @RegisterExtension
    final AtRest rest = new AtRest();

    private final AtomicReference<String> mixed = new AtomicReference<>();
    private final AtomicLong seen = new AtomicLong();

    private record Ring(String name) implements Keeper {
        @Override
        public Verification verify(MemorySegment range) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void pins_ofEachStrength_areListedWithAllTheirFacts() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHHD");
        try (Pin plain = scene.buffer.range(5, 6).pin(Pin.longTerm().owner("plain"));
                Pin locked = scene.buffer.range(PAGE, 1).pin(Pin.longTerm().pageLocked());
                Pin kept = scene.buffer.range(2 * PAGE, 1).pin(Pin.longTerm().owner("rx"));
                Registration first = kept.register(new Ring("ring 'a'"));
                Registration second = kept.register(new Ring("ring 'b'"));
                Pin bare = scene.buffer.pin(Pin.longTerm().bare());
                Hold hold = scene.buffer.hold()) {
            assertThat(rig.runtime().holders()).hasSize(4);
            assertThat(rig.runtime().pins())
                    .hasSize(3)
                    .extracting(HolderInfo::strength)
                    .containsExactlyInAnyOrder(
                            Strength.RUNTIME, Strength.PAGE_LOCKED, Strength.KERNEL_HELD);
            HolderInfo info = find(rig, Strength.KERNEL_HELD);
            assertThat(info.keepers()).containsExactly("ring 'a'", "ring 'b'");
            assertThat(info.age())
                    .get()
                    .satisfies(
                            age -> assertThat(age).isBetween(Duration.ZERO, Duration.ofMinutes(1)));
            assertThat(info.toString())
                    .startsWith("pin 'rx' of bytes 8192..8193 of buffer 1 (kernel-held by ring 'a',"
                            + " ring 'b'), taken by ")
                    .endsWith(" ms ago");
            assertThat(find(rig, Strength.PAGE_LOCKED).toString())
                    .isEqualTo("pin of bytes 4096..4097 of buffer 1 (page-locked), taken by thread "
                            + Thread.currentThread().getName() + " #"
                            + Thread.currentThread().threadId());
            assertThat(find(rig, Strength.RUNTIME).toString())
                    .startsWith(
                            "pin 'plain' of bytes 5..11 of buffer 1 (runtime), taken by thread ");
            assertThat(List.of(plain, locked, bare, hold, first, second)).doesNotContainNull();
        }
        assertThat(rig.runtime().pins()).isEmpty();
    }

    private static HolderInfo find(Rig rig, Strength strength) {
        return rig.runtime().pins().stream()
                .filter(info -> info.strength() == strength)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void refusedClose_namesPinsAndTheirKeepers() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HD");
        try (Pin pin = scene.buffer.pin(Pin.longTerm().owner("rx"));
                Registration registration = pin.register(new Ring("ring 'a'"))) {
            String named =
                    "1 open: pin 'rx' of bytes 0..8192 of buffer 1 (kernel-held by ring 'a'),"
                            + " taken by thread ";
            assertThatThrownBy(scene.buffer::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot close: " + named);
            assertThatThrownBy(rig.runtime()::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(named);
            assertThat(registration.isOpen()).isTrue();
        }
    }

    @Test
    void refusedClose_withManyHolders_namesSomeAndCountsTheRest() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        List<Pin> pins = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            pins.add(scene.buffer.range(i, 1).pin(Pin.longTerm()));
        }
        assertThatThrownBy(scene.buffer::close)
                .hasMessageContaining("pin of bytes 0..1 of")
                .hasMessageContaining("; and 5 more (-Dhighpage.trace.holders=true tells");
        pins.forEach(Pin::close);
    }

    @Test
    void busyPage_isNamedWithWhoKeepsIt() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHDD");
        try (Pin pin = scene.buffer.range(PAGE, 1).pin(Pin.longTerm().owner("rx"));
                DeviceAccess access = scene.buffer
                        .range(3 * PAGE, 1)
                        .access(
                                Terms.defaults().owner("kernel").mode(AccessMode.READ),
                                rig.runtime().device())) {
            assertThatThrownBy(() -> scene.buffer.access(rig.runtime().device(), AccessMode.READ))
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining(
                            "page 1 is long-term pinned (pin 'rx' of bytes 4096..4097 of buffer"
                                    + " 1 (runtime), taken by");
            assertThatThrownBy(() -> scene.buffer.pin(Pin.longTerm()))
                    .isInstanceOf(PagesBusyException.class)
                    .hasMessageContaining(
                            "(access 'kernel' of bytes 12288..12289 of buffer 1 to read, taken by");
            assertThat(pin.isOpen() && access.isOpen()).isTrue();
        }
        try (Pin bare = scene.buffer.range(PAGE, 1).pin(Pin.longTerm().bare())) {
            assertThatThrownBy(() -> scene.buffer.access(rig.runtime().device(), AccessMode.READ))
                    .hasMessageContaining("page 1 is long-term pinned (readers at home and on a");
            assertThat(bare.isOpen()).isTrue();
        }
    }

    /** Plain holders are reported from values that their thread overwrites all the time. */
    @Test
    void slot_readWhileItIsFilledAndFreed_mixesNoTwoHolders() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        ManagedBuffer buffer = (ManagedBuffer) Scene.of(rig.runtime(), "HH").buffer;
        ManagedRange seven = buffer.range(1000, 7);
        ManagedRange nine = buffer.range(2000, 9);
        HolderSlot slot = HolderSlot.free();
        Predicate<HolderInfo> right = info -> info.offset() == 1000
                ? info.byteSize() == 7 && info.mode() == AccessMode.READ
                : info.byteSize() == 9 && info.mode() == AccessMode.READ_WRITE;
        readMeanwhile(slot, right, () -> {
            slot.take(LongTermPin.KIND, seven, AccessMode.READ, false, true);
            slot.leave();
            slot.take(LongTermPin.KIND, nine, AccessMode.READ_WRITE, false, true);
            slot.leave();
        });
    }

    /**
     * Holders that tell more are referred to: the values that an earlier holder left in the slot
     * are not theirs.
     */
    @Test
    void slot_readWhileAReferenceIsFreed_doesNotTellOfAnEarlierHolder() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HH");
        try (Pin named = scene.buffer.range(2000, 9).pin(Pin.longTerm().bare().owner("rx"))) {
            ManagedBuffer buffer = (ManagedBuffer) scene.buffer;
            ManagedRange pinned = buffer.range(2000, 9);
            HolderSlot slot = HolderSlot.free();
            slot.take(LongTermPin.KIND, buffer.range(1000, 7), AccessMode.READ, false, true);
            slot.leave();
            readMeanwhile(slot, info -> info.offset() == 2000, () -> {
                slot.take(LongTermPin.KIND, pinned, AccessMode.READ, false, false);
                slot.refer((RangeHolder) named);
                slot.leave();
            });
        }
    }

    /**
     * Half a second, and until something was seen, of a slot being filled and freed, and of another
     * thread that reads it.
     */
    private void readMeanwhile(HolderSlot slot, Predicate<HolderInfo> right, Runnable fillAndFree)
            throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!end.get()) {
                slot.info(1).ifPresent(info -> {
                    if (!right.test(info)) {
                        mixed.set(info.toString());
                    }
                    seen.incrementAndGet();
                });
            }
        });
        long start = System.nanoTime();
        while (System.nanoTime() - start < 500_000_000
                || seen.get() <= 100 && System.nanoTime() - start < 60_000_000_000L) {
            for (int i = 0; i < 1000; i++) {
                fillAndFree.run();
            }
        }
        end.set(true);
        reader.join();
        assertThat(mixed).hasNullValue();
        assertThat(seen).hasValueGreaterThan(100);
    }

    /**
     * Slots are added, found again and told of, however many there are, and not all looked at for
     * each more.
     */
    @Test
    void manyPins_ofOneThread_areListedUntilClosed() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HH");
        List<Pin> pins = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            while (pins.size() < 3_000) {
                pins.add(scene.buffer.range(pins.size() % 4096, 1).pin(Pin.longTerm()));
            }
            assertThat(rig.runtime().pins()).hasSize(3_000);
            Collections.shuffle(pins, new Random(round));
            List<Pin> closed = pins.subList(round * 1_000, 3_000);
            closed.forEach(Pin::close);
            closed.clear();
            assertThat(rig.runtime().pins()).hasSize(round * 1_000);
        }
        pins.forEach(Pin::close);
        assertThat(rig.runtime().pins()).isEmpty();
    }

    /**
     * Executors rename their threads for each task: a holder was taken by the task that took it.
     */
    @Test
    void holders_ofAThreadThatIsRenamed_nameItAsItWasCalledThen() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        List<Holder> taken = new ArrayList<>();
        Thread thread = Thread.ofPlatform().name("first").start(() -> {
            taken.add(scene.buffer.range(0, 1).pin(Pin.longTerm()));
            taken.add(scene.buffer.range(1, 1).pin(Pin.longTerm().owner("rx")));
            scene.buffer.range(2, 1).hold().close();
            Thread.currentThread().setName("second");
            taken.add(scene.buffer.range(2, 1).hold()); // in the slot of the one before
            Thread.currentThread().setName("third");
        });
        thread.join();
        Thread.ofVirtual()
                .start(() -> taken.add(scene.buffer.range(3, 1).hold()))
                .join();
        for (int look = 0; look < 2; look++) {
            assertThat(rig.runtime().holders())
                    .extracting(info -> info.offset() + info.thread())
                    .containsExactlyInAnyOrder("0first", "1first", "2second", "3");
        }
        assertThat(rig.runtime().holders())
                .filteredOn(info -> info.offset() < 3)
                .allMatch(info -> info.threadId() == thread.threadId());
        assertThatThrownBy(scene.buffer::close)
                .hasMessageContaining("bytes 0..1 of buffer 1 (runtime), taken by thread first #"
                        + thread.threadId())
                .hasMessageContaining("hold of bytes 3..4 of buffer 1, taken by thread #");
        taken.forEach(Holder::close);
    }

    // ---- what is left of threads and of times with many holders ----

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    @Test
    void slots_ofAThreadThatHadManyPins_areGivenBackAsItTakesOthers() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHHHHHHH");
        long before = usedBytes();
        List<Pin> pins = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            pins.add(scene.buffer.range(i % scene.bytes.length, 1).pin(Pin.longTerm()));
        }
        Pin stays = pins.remove(pins.size() / 2);
        pins.forEach(Pin::close);
        pins.clear();
        for (int i = 0; i < 10_000; i++) {
            scene.buffer.range(0, 1).pin(Pin.longTerm()).close();
        }
        pins = null;
        assertThat(usedBytes() - before).as("bytes left of 100,000 pins").isLessThan(4 << 20);
        assertThat(rig.runtime().pins()).hasSize(1);
        stays.close();
        assertThat(rig.runtime().pins()).isEmpty();
    }

    @Test
    void slots_ofThreadsThatHaveEnded_areGivenBack() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        long before = usedBytes();
        CountDownLatch pinned = new CountDownLatch(30_000);
        runEach(30_000, () -> {
            try (Pin pin = scene.buffer.range(0, 1).pin(Pin.longTerm())) {
                pinned.countDown();
                pinned.await(); // all are there at once
            } catch (InterruptedException failed) {
                throw new AssertionError(failed);
            }
        });
        long dead = usedBytes() - before;
        runEach(20_000, () -> scene.buffer.range(0, 1).pin(Pin.longTerm()).close());
        // Each looks at more than one: the dead are gone when the last has come, however they
        // were scheduled, and the 20,000 are at most what they left themselves.
        assertThat(usedBytes() - before).as("bytes left of 50,000 threads").isLessThan(dead);
        assertThat(rig.runtime().holders()).isEmpty();
        assertThat(usedBytes() - before).as("bytes left after a report").isLessThan(4 << 20);
    }

    /** A dead thread's open holder stays listed, however many others come and go. */
    @Test
    void holders_ofThreadsThatHaveEnded_stayListed() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        List<Pin> left = new CopyOnWriteArrayList<>();
        runEach(10, () -> left.add(scene.buffer.range(0, 1).pin(Pin.longTerm())));
        runEach(1_000, () -> scene.buffer.range(0, 1).pin(Pin.longTerm()).close());
        for (int look = 0; look < 2; look++) {
            System.gc();
            assertThat(rig.runtime().pins()).hasSize(10);
        }
        left.forEach(Pin::close);
        assertThat(rig.runtime().pins()).isEmpty();
    }

    /** More threads at once than are found by their numbers: some have the place of another. */
    @Test
    void holders_ofManyThreadsAtOnce_areThoseOfTheirThreads() throws Exception {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        List<Long> ids = new CopyOnWriteArrayList<>();
        CountDownLatch pinned = new CountDownLatch(1_000);
        CountDownLatch end = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                ids.add(Thread.currentThread().threadId());
                for (int pin = 0; pin < 3; pin++) {
                    scene.buffer.range(pin, 1).pin(Pin.longTerm()).close();
                }
                try (Pin pin = scene.buffer.range(0, 1).pin(Pin.longTerm())) {
                    pinned.countDown();
                    end.await();
                } catch (InterruptedException failed) {
                    throw new AssertionError(failed);
                }
            }));
        }
        pinned.await();
        try {
            assertThat(rig.runtime().pins())
                    .extracting(HolderInfo::threadId)
                    .containsExactlyInAnyOrderElementsOf(ids);
        } finally {
            end.countDown();
            for (Thread each : threads) {
                each.join();
            }
        }
        assertThat(rig.runtime().pins()).isEmpty();
    }

    /**
     * Runs something on so many virtual threads, which are all there at once, and waits for them.
     */
    private static void runEach(int threads, Runnable task) throws InterruptedException {
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(Thread.ofVirtual().start(task));
        }
        for (Thread each : running) {
            each.join();
        }
    }

    @Test
    void pins_ofManyVirtualThreads_takeAboutAsLongAsBareOnes() throws Exception {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < 4 && least > 4; i++) {
            double bare = nanosOfManyThreads(Pin.longTerm().bare());
            least = Math.min(least, nanosOfManyThreads(Pin.longTerm()) / bare);
        }
        System.out.printf(
                "holders: 100,000 virtual threads with a registered pin: %.1f times bare%n", least);
        assertThat(least).isLessThan(4);
    }

    private double nanosOfManyThreads(Terms terms) throws InterruptedException {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "HHHH");
        CountDownLatch pinned = new CountDownLatch(100_000);
        CountDownLatch end = new CountDownLatch(1);
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            int at = i % scene.bytes.length;
            threads.add(Thread.ofVirtual().start(() -> {
                try (Pin pin = scene.buffer.range(at, 1).pin(terms)) {
                    pinned.countDown();
                    end.await();
                } catch (InterruptedException failed) {
                    throw new AssertionError(failed);
                }
            }));
        }
        pinned.await();
        end.countDown();
        for (Thread each : threads) {
            each.join();
        }
        long nanos = System.nanoTime() - start;
        rest.settle();
        return nanos;
    }

    /** The register begins to refer to a plain pin when there is more to tell of it. */
    @Test
    void registration_ofAPlainPin_isListed() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "H");
        try (Pin pin = scene.buffer.pin(Pin.longTerm())) {
            assertThat(rig.runtime().pins())
                    .singleElement()
                    .satisfies(info -> assertThat(info.keepers()).isEmpty());
            try (Registration registration = pin.register(new Ring("ring 'a'"))) {
                assertThat(registration.isOpen()).isTrue();
                assertThat(rig.runtime().pins())
                        .singleElement()
                        .satisfies(info -> assertThat(info.keepers()).containsExactly("ring 'a'"));
            }
        }
        // The slot is used again, by a holder that tells less.
        try (Pin next = scene.buffer.range(1, 2).pin(Pin.longTerm())) {
            assertThat(next.isOpen()).isTrue();
            assertThat(rig.runtime().pins()).singleElement().satisfies(info -> {
                assertThat(info.offset()).isEqualTo(1);
                assertThat(info.keepers()).isEmpty();
            });
        }
    }

    /** The switch is read once, when the JVM starts. */
    @Test
    void places_withTheSwitch_areListed() throws Exception {
        assertThat(LimitedChild.run(
                        List.of("env", "JDK_JAVA_OPTIONS=-Dhighpage.trace.holders=true"),
                        8,
                        "held"))
                .containsPattern(
                        "pin 'rx' of .* ago at .*LimitedChild.takePin\\(LimitedChild.java:\\d+\\)")
                .containsPattern("hold of .* at .*LimitedChild.held\\(LimitedChild.java:\\d+\\)")
                .containsPattern("access of .* at .*LimitedChild.held\\(LimitedChild.java:\\d+\\)")
                .containsPattern("at .*LimitedChild.takePin\\(.*, .*LimitedChild.held\\(");
        assertThat(LimitedChild.run(List.of(), 8, "held"))
                .contains("pin 'rx' of")
                .doesNotContain("LimitedChild.java");
    }
}
