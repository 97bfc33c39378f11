// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.device.DeviceKind;
import io.highpage.device.Devices;
import io.highpage.host.HostDevice;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.page.BufferWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Every mistake has a defined outcome, which names the value and changes nothing. */
class BadInputTest {
    private static final int PAGE = Scene.PAGE;
    private static final String PICTURE = "HD.DH";
    private static final long SIZE = (long) PAGE * PICTURE.length();

    @RegisterExtension
    final AtRest rest = new AtRest();

    private Rig rig = null;
    private Scene scene = null;

    private void scene(DeviceKind kind) {
        rig = rest.open(Scene.device(kind));
        scene = Scene.of(rig.runtime(), PICTURE);
    }

    private Device device() {
        return rig.runtime().device();
    }

    private void checkUnchanged(String when) {
        assertThat(scene.buffer.residency()).as(when).hasToString(PICTURE);
        Invariants.checkAtRest(rig.runtime());
        scene.checkBytes(when);
    }

    // ---- sizes ----

    static List<long[]> badSizes() {
        long large = BufferWord.PAGES_MAX;
        return List.of(
                new long[] {0, 4096},
                new long[] {-1, 4096},
                new long[] {Long.MIN_VALUE, 4096},
                new long[] {Long.MAX_VALUE, 4096},
                new long[] {large * 4096 + 1, 4096},
                new long[] {large * (1L << 30) + 1, 1L << 30},
                new long[] {0, 1L << 30});
    }

    @ParameterizedTest
    @MethodSource("badSizes")
    void allocate_sizeOutOfRange_namesIt(long[] sizes) {
        scene(DeviceKind.COHERENT);
        assertThatThrownBy(() -> rig.runtime().allocate(sizes[0], sizes[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("byteSize=" + sizes[0] + " ")
                .hasMessageContaining("" + sizes[1]);
        assertThat(rig.runtime().buffers()).containsExactly(scene.buffer);
        assertThat(rig.hostMemory().openMappings()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                -1,
                -4096,
                512,
                2048,
                4095,
                4097,
                12288,
                1L << 31,
                1L << 62,
                Long.MIN_VALUE,
                Long.MAX_VALUE
            })
    void allocate_pageSizeOutOfRange_namesIt(long pageBytes) {
        scene(DeviceKind.COHERENT);
        assertThatThrownBy(() -> rig.runtime().allocate(1 << 20, pageBytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pageBytes=" + pageBytes + " is not a power of two from 4096")
                .hasMessageContaining("1073741824");
        assertThat(rig.runtime().buffers()).containsExactly(scene.buffer);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 50, 1L << 55, 1L << 60})
    void allocate_moreThanTheAddressSpace_isOutOfHostMemory(long byteSize) {
        scene(DeviceKind.COHERENT);
        assertThatThrownBy(() -> rig.runtime().allocate(byteSize, 1L << 30))
                .isInstanceOfSatisfying(OutOfPageMemoryException.class, full -> {
                    assertThat(full.device()).isFalse();
                    assertThat(full.requestedBytes()).isEqualTo(byteSize);
                })
                .hasMessageContaining("no host address space for " + byteSize + " bytes")
                .hasMessageContaining("errno 12");
        assertThat(rig.hostMemory().openMappings()).isEqualTo(2);
    }

    @Test
    void allocate_unalignedSizes_roundUpToPages() {
        scene(DeviceKind.COHERENT);
        for (long size : new long[] {1, 4095, 4096, 4097}) {
            try (PageBuffer buffer = rig.runtime().allocate(size)) {
                assertThat(buffer.byteSize()).isEqualTo(size);
                assertThat(buffer.pageCount()).isEqualTo(size <= 4096 ? 1 : 2);
                buffer.range(size - 1, 1).fill((byte) 1);
                assertThatThrownBy(() -> buffer.range(size, 1).fill((byte) 1))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @Test
    void builder_badValues_areRefused() {
        assertThatThrownBy(() -> Highpage.builder().deviceMemory(-7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("deviceMemory=-7 is negative");
        assertThatThrownBy(() -> Highpage.builder().threads(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads=0 is less than 1: the thread that calls is one of them, and 1"
                        + " is it alone");
        assertThatThrownBy(() -> Highpage.builder().device(null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Highpage.builder().evictionPolicy(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("choice");
        assertThatThrownBy(() -> HostDevice.coherent(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("capacityBytes=0");
        assertThatThrownBy(() -> HostDevice.privateMemory(-1))
                .isInstanceOf(IllegalArgumentException.class);
        Highpage.Builder crowded = Highpage.builder();
        for (int i = 0; i < 64; i++) {
            crowded.device(HostDevice.coherent(1 << 20));
        }
        assertThatThrownBy(crowded::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64")
                .hasMessageContaining("63");
        assertThatThrownBy(() -> Devices.named("abacus"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'abacus'")
                .hasMessageContaining("host");
    }

    @ParameterizedTest
    @EnumSource
    void hostDevice_ofTheLargestCapacity_works(DeviceKind kind) {
        Rig huge = rest.open(
                kind == DeviceKind.COHERENT
                        ? HostDevice.coherent(Long.MAX_VALUE)
                        : HostDevice.privateMemory(Long.MAX_VALUE));
        Scene.of(huge.runtime(), "HDH").checkBytes("after");
    }

    @Test
    void terms_badValues_areRefused() {
        Terms terms = Pin.longTerm();
        assertThatThrownBy(() -> terms.deadline(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.000000001S");
        assertThatThrownBy(() -> terms.deadline(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> terms.owner(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> terms.mode(null)).isInstanceOf(NullPointerException.class);
        assertThat(terms.deadline(Duration.ofSeconds(Long.MAX_VALUE)).busyNanos())
                .isEqualTo(Long.MAX_VALUE);
    }

    // ---- ranges ----

    private interface RangeCall {
        void call(long offset, long byteSize);
    }

    /**
     * Everything that takes a range; {@code exact} are those that take a size, and not a segment.
     */
    private Map<String, RangeCall> rangeCalls(boolean exact) {
        PageBuffer buffer = scene.buffer;
        Map<String, RangeCall> calls = new LinkedHashMap<>();
        if (exact) {
            calls.put("fill", (offset, bytes) -> buffer.range(offset, bytes).fill((byte) 1));
            calls.put("copyTo", (offset, bytes) -> buffer.range(offset, bytes).copyTo(buffer, 0));
            calls.put(
                    "copyTo target",
                    (offset, bytes) -> buffer.range(0, bytes).copyTo(buffer, offset));
            calls.put(
                    "residency", (offset, bytes) -> buffer.range(offset, bytes).residency());
            calls.put(
                    "prefetch", (offset, bytes) -> buffer.range(offset, bytes).prefetch(device()));
            calls.put("evict", (offset, bytes) -> buffer.range(offset, bytes).evict());
            calls.put("hold", (offset, bytes) -> buffer.range(offset, bytes).hold());
            calls.put("pin", (offset, bytes) -> buffer.range(offset, bytes).pin(Pin.longTerm()));
            calls.put(
                    "tryPin",
                    (offset, bytes) -> buffer.range(offset, bytes).tryPin(Pin.longTerm()));
            calls.put(
                    "access",
                    (offset, bytes) ->
                            buffer.range(offset, bytes).access(device(), AccessMode.READ));
        } else {
            calls.put(
                    "read",
                    (offset, bytes) ->
                            buffer.read(offset, MemorySegment.ofArray(new byte[(int) bytes])));
            calls.put(
                    "write",
                    (offset, bytes) ->
                            buffer.write(offset, MemorySegment.ofArray(new byte[(int) bytes])));
        }
        return calls;
    }

    private static final long[][] BAD_RANGES = {
        {-1, 1},
        {Long.MIN_VALUE, 1},
        {SIZE, 1},
        {0, SIZE + 1},
        {SIZE - 1, 2},
        {SIZE + 1, 1}
    };

    private static final long[][] BAD_SIZES = {
        {0, -1},
        {1, Long.MAX_VALUE},
        {Long.MAX_VALUE, Long.MAX_VALUE},
        {Long.MAX_VALUE, 1},
        {SIZE, -SIZE},
        {0, Long.MIN_VALUE}
    };

    @ParameterizedTest
    @EnumSource
    void range_outOfTheBuffer_isNamedAndChangesNothing(DeviceKind kind) {
        scene(kind);
        for (boolean exact : new boolean[] {true, false}) {
            List<long[]> ranges = new ArrayList<>(List.of(BAD_RANGES));
            if (exact) {
                ranges.addAll(List.of(BAD_SIZES));
            }
            rangeCalls(exact).forEach((name, call) -> {
                for (long[] range : ranges) {
                    String when = "%s(%d, %d)".formatted(name, range[0], range[1]);
                    assertThatThrownBy(() -> call.call(range[0], range[1]))
                            .as(when)
                            .isExactlyInstanceOf(IndexOutOfBoundsException.class)
                            .hasMessageContaining("byteSize=" + range[1] + " ")
                            .hasMessageContaining("buffer 1, which has " + SIZE + " bytes")
                            .satisfies(failure -> assertThat(failure.getMessage())
                                    .containsAnyOf("offset=" + range[0] + " ", "offset=0 "));
                }
            });
        }
        checkUnchanged("after");
    }

    // ---- nulls and what belongs to others ----

    @ParameterizedTest
    @EnumSource
    void null_anywhere_isRefusedAndChangesNothing(DeviceKind kind) {
        scene(kind);
        PageBuffer home = Scene.of(rig.runtime(), "HH")
                .buffer; // where a whole-buffer pin is one compare-and-set
        Stream<ThrowingCallable> calls = Stream.of(
                () -> scene.buffer.read(0, (MemorySegment) null),
                () -> scene.buffer.write(0, (MemorySegment) null),
                () -> scene.buffer.range(0, 1).copyTo(null, 0),
                () -> scene.buffer.prefetch(null),
                () -> scene.buffer.range(0, 1).hold(null),
                () -> scene.buffer.pin(null),
                () -> home.pin(null),
                () -> home.range(0, 1).pin(null),
                () -> home.tryPin(null),
                () -> scene.buffer.access(null, AccessMode.READ),
                () -> scene.buffer.access(device(), null),
                () -> scene.buffer.range(0, 1).access(null, device()));
        calls.forEach(
                call -> assertThatThrownBy(call).isExactlyInstanceOf(NullPointerException.class));
        checkUnchanged("after");
        home.close();
    }

    @Test
    void device_ofAnotherRuntime_isRefused() {
        scene(DeviceKind.COHERENT);
        Device stranger = rest.open(Scene.device(DeviceKind.PRIVATE)).runtime().device();
        assertThatThrownBy(() -> scene.buffer.prefetch(stranger))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device host-private belongs to another runtime than buffer ")
                .hasMessageContaining("whose runtime has its own [host]");
        assertThatThrownBy(() -> scene.buffer.access(stranger, AccessMode.READ))
                .isInstanceOf(IllegalArgumentException.class);
        checkUnchanged("after");
    }

    @Test
    void terms_onlyForPins_areRefusedElsewhere() {
        scene(DeviceKind.COHERENT);
        for (Terms terms : List.of(Pin.longTerm().bare(), Pin.longTerm().pageLocked())) {
            assertThatThrownBy(() -> scene.buffer.range(0, 1).hold(terms))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("for pins only");
            assertThatThrownBy(() ->
                            scene.buffer.range(0, 1).access(terms.mode(AccessMode.READ), device()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        checkUnchanged("after");
    }

    @ParameterizedTest
    @EnumSource
    void segment_thatCannotBeUsed_releasesTheBriefHold(DeviceKind kind) {
        scene(kind);
        MemorySegment readOnly = MemorySegment.ofArray(new byte[100]).asReadOnly();
        assertThatThrownBy(() -> scene.buffer.read(0, readOnly))
                .isInstanceOf(IllegalArgumentException.class);
        Arena arena = Arena.ofConfined();
        MemorySegment closed = arena.allocate(100);
        arena.close();
        assertThatThrownBy(() -> scene.buffer.write(0, closed))
                .isInstanceOf(IllegalStateException.class);
        checkUnchanged("after");
    }

    // ---- after close ----

    @Test
    void buffer_closed_refusesEverything() {
        scene(DeviceKind.COHERENT);
        PageBuffer buffer = scene.buffer;
        PageBuffer other = rig.runtime().allocate(SIZE);
        PageRange madeBefore = buffer.range(PAGE, 2);
        buffer.close();
        buffer.close();
        assertThat(buffer.isOpen()).isFalse();
        for (boolean exact : new boolean[] {true, false}) {
            rangeCalls(exact)
                    .forEach((name, call) -> assertThatThrownBy(() -> call.call(0, 1))
                            .as(name)
                            .isExactlyInstanceOf(IllegalStateException.class)
                            .hasMessage("buffer 1 is closed"));
        }
        assertThatThrownBy(() -> other.range(0, 1).copyTo(buffer, 0))
                .hasMessage("buffer 1 is closed");
        for (PageRange range : List.of(buffer, madeBefore)) {
            Stream<ThrowingCallable> calls = Stream.of(
                    () -> range.fill((byte) 1),
                    () -> range.copyTo(other, 0),
                    range::residency,
                    () -> range.prefetch(device()),
                    range::evict,
                    range::hold,
                    () -> range.hold(Terms.defaults()),
                    () -> range.pin(Pin.longTerm()),
                    () -> range.tryPin(Pin.longTerm()),
                    () -> range.pinPossible(Pin.longTerm()),
                    () -> range.access(device(), AccessMode.READ),
                    () -> range.access(Terms.defaults().mode(AccessMode.READ), device()));
            calls.forEach(call -> assertThatThrownBy(call)
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessage("buffer 1 is closed"));
        }
        assertThat(madeBefore).hasToString("bytes 4096..4098 of buffer 1");
        assertThat(madeBefore.buffer()).isSameAs(buffer);
        assertThat(rig.runtime().buffers()).containsExactly(other);
        assertThat(device().usedBytes()).isZero();
        assertThat(buffer.toString()).contains("closed");
    }

    @Test
    void runtime_closed_refusesToAllocate() {
        scene(DeviceKind.PRIVATE);
        rig.runtime().close();
        rig.runtime().close();
        assertThatThrownBy(() -> rig.runtime().allocate(1))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessage("the runtime is closed");
        assertThat(scene.buffer.isOpen()).isFalse();
        scene.buffer.close();
        assertThat(rig.runtime().buffers()).isEmpty();
        assertThat(rig.runtime().holders()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void holders_closed_refuseTheirSegments(DeviceKind kind) {
        scene(kind);
        for (Terms terms : List.of(Pin.longTerm(), Pin.longTerm().shared())) {
            Hold hold = scene.buffer.range(0, 10).hold(terms.owner("reader"));
            Pin pin = scene.buffer.range(0, 10).pin(terms);
            DeviceAccess access = scene.buffer.range(PAGE, 10).access(terms, device());
            List<MemorySegment> segments =
                    List.of(hold.segment(), pin.segment(), pin.segment().asSlice(2, 3));
            for (AutoCloseable each : List.of(hold, pin, access)) {
                assertThat(((io.highpage.Holder) each).isOpen()).isTrue();
                ((io.highpage.Holder) each).close();
                ((io.highpage.Holder) each).close();
                assertThat(((io.highpage.Holder) each).isOpen()).isFalse();
            }
            for (MemorySegment segment : segments) {
                assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
                        .isInstanceOf(IllegalStateException.class);
            }
            Stream<ThrowingCallable> uses = Stream.of(
                    hold::segment,
                    hold::pieces,
                    pin::segment,
                    pin::verify,
                    access::segment,
                    access::handle,
                    () -> access.completesWith(() -> {}));
            uses.forEach(use -> assertThatThrownBy(use)
                    .isExactlyInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith("is closed")
                    .hasMessageContaining("of buffer 1"));
            assertThatThrownBy(hold::segment).hasMessageContaining("hold 'reader' of bytes 0..10");
        }
        checkUnchanged("after");
    }

    // ---- closing with something open ----

    @ParameterizedTest
    @EnumSource
    void close_withAnythingOpen_isRefusedAndNamesIt(DeviceKind kind) {
        scene(kind);
        Scene other = Scene.of(rig.runtime(), "HH");
        Map<String, io.highpage.Holder> holders = new LinkedHashMap<>();
        holders.put(
                "hold 'h' of bytes 3..7 of buffer 1",
                scene.buffer.range(3, 4).hold(Terms.defaults().owner("h")));
        holders.put(
                "pin 'p' of bytes 16384..16385 of buffer 1",
                scene.buffer.range(4 * PAGE, 1).pin(Pin.longTerm().owner("p")));
        holders.put(
                "access 'a' of bytes 4096..4097 of buffer 1",
                scene.buffer
                        .range(PAGE, 1)
                        .access(Terms.defaults().owner("a").mode(AccessMode.READ), device()));
        holders.put(
                "pin 'w' of bytes 0..8192 of buffer 2",
                other.buffer.pin(Pin.longTerm().owner("w")));
        while (!holders.isEmpty()) {
            for (ThrowingCallable close : List.<ThrowingCallable>of(rig.runtime()::close)) {
                assertThatThrownBy(close)
                        .isExactlyInstanceOf(IllegalStateException.class)
                        .satisfies(failure -> holders.keySet()
                                .forEach(name -> assertThat(failure).hasMessageContaining(name)))
                        .hasMessageContaining(holders.size() + " open");
            }
            assertThat(scene.buffer.isOpen()).isTrue();
            assertThat(scene.buffer.residency()).hasToString(PICTURE);
            String next = holders.keySet().iterator().next();
            if (next.endsWith("buffer 1")) {
                assertThatThrownBy(scene.buffer::close)
                        .isExactlyInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(next)
                        .hasMessageNotContaining("buffer 2,");
            }
            holders.remove(next).close();
        }
        other.buffer.close();
        checkUnchanged("after");
    }

    @Test
    void close_withABarePinOpen_isRefusedAndSaysSo() {
        scene(DeviceKind.COHERENT);
        Pin pin = scene.buffer.range(0, 1).pin(Pin.longTerm().bare());
        assertThat(rig.runtime().holders()).isEmpty();
        assertThatThrownBy(scene.buffer::close)
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessageContaining("bare pin");
        pin.close();
        checkUnchanged("after");
    }

    /** Virtual threads have no name, unless they are given one. */
    @Test
    void holderOfAThreadWithoutAName_isToldOfByTheThreadsNumber() throws Exception {
        scene(DeviceKind.PRIVATE);
        CompletableFuture<DeviceAccess> taken = new CompletableFuture<>();
        CountDownLatch goOn = new CountDownLatch(1);
        Thread owner = Thread.ofVirtual().start(() -> {
            try (DeviceAccess access = scene.buffer.access(device(), AccessMode.READ)) {
                taken.complete(access);
                goOn.await();
            } catch (InterruptedException unexpected) {
                taken.completeExceptionally(unexpected);
            }
        });
        DeviceAccess access = taken.get();
        String confined = " is confined to thread #" + owner.threadId() + ": close it there";
        assertThatThrownBy(access::closeAsync).hasMessageContaining(confined);
        assertThatThrownBy(access::close)
                .hasMessageContaining(confined.replace(": close", "; close"));
        goOn.countDown();
        owner.join();
    }

    @ParameterizedTest
    @EnumSource
    void close_fromAnotherThread_isRefusedWhileTheOwnerLives(DeviceKind kind) throws Exception {
        scene(kind);
        Pin pin = scene.buffer.range(0, 1).pin(Pin.longTerm().owner("mine"));
        Pin shared = scene.buffer.range(0, 1).pin(Pin.longTerm().shared());
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<?> refused = executor.submit(() -> assertThatThrownBy(pin::close)
                    .isExactlyInstanceOf(WrongThreadException.class)
                    .hasMessageContaining("pin 'mine'")
                    .hasMessageContaining("confined to thread"));
            refused.get();
            executor.submit(shared::close).get();
        }
        assertThat(pin.isOpen()).isTrue();
        assertThat(pin.verify()).matches(Verification::isConfirmed);
        assertThat(shared.isOpen()).isFalse();
        pin.close();
        checkUnchanged("after");
    }

    @ParameterizedTest
    @EnumSource
    void close_ofADeadThreadsHolders_worksFromAnyThread(DeviceKind kind) throws Exception {
        scene(kind);
        List<io.highpage.Holder> left = new ArrayList<>();
        Thread owner = Thread.ofPlatform().name("short-lived").start(() -> {
            left.add(scene.buffer.range(0, 1).pin(Pin.longTerm()));
            left.add(scene.buffer.range(0, 1).hold());
            left.add(scene.buffer.range(PAGE, 1).access(device(), AccessMode.READ));
        });
        owner.join();
        assertThat(rig.runtime().holders())
                .hasSize(3)
                .allMatch(info -> info.thread().equals("short-lived"));
        assertThatThrownBy(scene.buffer::close).hasMessageContaining("taken by thread short-lived");
        left.forEach(io.highpage.Holder::close);
        left.forEach(io.highpage.Holder::close);
        assertThat(left).noneMatch(io.highpage.Holder::isOpen);
        checkUnchanged("after");
    }

    @Test
    void close_ofAnAccess_waitsForTheKernel() throws Exception {
        scene(DeviceKind.PRIVATE);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        DeviceAccess access =
                scene.buffer.range(0, SIZE).access(Terms.defaults().shared(), device());
        AtomicReference<String> residencyAtEnd = new AtomicReference<>();
        access.completesWith(() -> {
            closing.countDown();
            awaitQuietly(running);
            residencyAtEnd.set(scene.buffer.residency().toString());
        });
        Thread closer = Thread.ofPlatform().start(access::close);
        closing.await();
        // The kernel runs: nothing may close, move or be pinned.
        assertThat(access.isOpen()).isTrue();
        assertThatThrownBy(scene.buffer::close).hasMessageContaining("access of bytes 0..20480");
        assertThat(scene.buffer.evict().outcomes().count(PageOutcome.ACCESSED))
                .isEqualTo(PICTURE.length());
        assertThat(scene.buffer.tryPin(Pin.longTerm())).isInstanceOf(PinAttempt.Refused.class);
        running.countDown();
        closer.join();
        assertThat(residencyAtEnd).hasValue("DDDDD");
        assertThat(access.isOpen()).isFalse();
        scene.checkBytes("after");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    // ---- no memory ----

    @ParameterizedTest
    @ValueSource(longs = {1, 4095, 4096, 2 * 4096})
    void device_withoutRoom_saysWhatThereIs(long limit) {
        Rig small = rest.open(limit, Scene.device(DeviceKind.COHERENT));
        Scene three = Scene.of(small.runtime(), "HH.");
        MoveReport report = three.buffer.prefetch(small.runtime().device());
        assertThat(report.failure().orElseThrow())
                .isInstanceOfSatisfying(OutOfPageMemoryException.class, full -> {
                    assertThat(full.device()).isTrue();
                    assertThat(full.requestedBytes()).isEqualTo(3 * PAGE);
                })
                .hasMessageContaining("" + 3 * PAGE)
                .hasMessageContaining("limit " + limit);
        assertThat(report.outcomes().count(PageOutcome.NO_DEVICE_MEMORY)).isEqualTo(3);
        assertThatThrownBy(() -> three.buffer.access(small.runtime().device(), AccessMode.READ))
                .isInstanceOfSatisfying(
                        OutOfPageMemoryException.class,
                        full -> assertThat(full.outcomes().orElseThrow().of(0))
                                .isEqualTo(PageOutcome.NO_DEVICE_MEMORY));
        assertThat(three.buffer.residency()).hasToString("HH.");
        three.checkBytes("after");
    }

    @Test
    void device_fullOfOtherBuffers_saysWhatIsInUse() {
        Rig small = rest.open(4 * PAGE, Scene.device(DeviceKind.COHERENT));
        Scene first = Scene.of(small.runtime(), "DD.");
        Scene second = Scene.of(small.runtime(), "HH");
        assertThat(second.buffer.prefetch(small.runtime().device()).failure().orElseThrow())
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageContaining("requested 8192 bytes, in use 12288 of 16384");
        first.buffer.evict();
        assertThat(second.buffer.prefetch(small.runtime().device()).complete()).isTrue();
        first.checkBytes("first");
        second.checkBytes("second");
    }

    @Test
    void limit_withASmallBufferOnTheDevice_leavesTheRestToALargeOne() {
        Rig small = rest.open(20L << 20, Scene.device(DeviceKind.COHERENT));
        PageBuffer little = small.runtime().allocate(PAGE);
        PageBuffer large = small.runtime().allocate(18L << 20);
        assertThat(little.prefetch(small.runtime().device()).complete()).isTrue();
        assertThat(large.range(0, PAGE).prefetch(small.runtime().device()).failure())
                .isEmpty();
        assertThat(small.runtime().device().usedBytes()).isEqualTo((18L << 20) + PAGE);
    }

    @Test
    void host_withoutRoom_refusesToAllocateAndKeepsNothing() {
        scene(DeviceKind.COHERENT);
        for (int call = 1; call <= 2; call++) {
            rig.faults().arm(call, Faults.FAIL, EnumSet.of(Call.MAP));
            assertThatThrownBy(() -> rig.runtime().allocate(SIZE))
                    .isInstanceOf(OutOfPageMemoryException.class);
            assertThat(rig.hostMemory().openMappings()).isEqualTo(2);
        }
        rig.faults().disarm();
        checkUnchanged("after");
    }

    // ---- private device memory ----

    @Test
    void privateMemory_touched_isAnExceptionAndNotACrash() {
        scene(DeviceKind.PRIVATE);
        try (DeviceAccess access = scene.buffer.access(device(), AccessMode.READ_WRITE)) {
            MemorySegment segment = access.segment();
            assertThat(segment.byteSize()).isZero();
            assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> segment.set(ValueLayout.JAVA_LONG, 0, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            MemorySegment forced = force(segment);
            assertThatThrownBy(() -> forced.get(ValueLayout.JAVA_BYTE, 5))
                    .isInstanceOf(InternalError.class);
            assertThatThrownBy(() -> forced.fill((byte) 1)).isInstanceOf(InternalError.class);
            assertThatThrownBy(() ->
                            MemorySegment.ofArray(new byte[PAGE]).copyFrom(forced.asSlice(0, PAGE)))
                    .isInstanceOf(InternalError.class);
        }
        scene.checkBytes("after");
    }

    @SuppressWarnings("restricted")
    private static MemorySegment force(MemorySegment zeroLength) {
        return zeroLength.reinterpret(SIZE);
    }

    @Test
    void count_full_refusesTheNextAndRecovers() {
        scene(DeviceKind.COHERENT);
        int most = 32767;
        List<Pin> pins = new ArrayList<>(most);
        for (int i = 0; i < most; i++) {
            pins.add(scene.buffer.range(0, 1).pin(Pin.longTerm().bare()));
        }
        assertThatThrownBy(() -> scene.buffer.range(0, 1).pin(Pin.longTerm()))
                .isInstanceOfSatisfying(io.highpage.outcome.PagesBusyException.class, busy -> {
                    assertThat(busy.reason()).isEqualTo(PageOutcome.COUNT_FULL);
                    assertThat(busy.page()).isZero();
                    assertThat(busy)
                            .hasMessageContaining(
                                    "page 0 is kept 32767 times in this way, the most that is"
                                            + " counted")
                            .hasMessageContaining("close some, or pin the whole buffer");
                });
        scene.buffer.range(0, 1).hold().close();
        pins.removeLast().close();
        scene.buffer.range(0, 1).pin(Pin.longTerm()).close();
        pins.forEach(Pin::close);
        checkUnchanged("after");
    }
}
