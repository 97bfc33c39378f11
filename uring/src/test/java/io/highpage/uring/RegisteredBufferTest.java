// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Verification;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** A whole buffer that is registered once, and the pins that are taken of it afterwards. */
class RegisteredBufferTest extends RingTest {
    private static HostDevice device(DeviceKind kind) {
        return kind == DeviceKind.COHERENT
                ? HostDevice.coherent(4 * BYTES)
                : HostDevice.privateMemory(4 * BYTES);
    }

    private static void isOnDevice(PageBuffer pages) {
        assertThat(pages.residency().toString()).matches("D+");
    }

    @ParameterizedTest
    @EnumSource
    void files_areReadAndWritten_whereverThePagesWere(DeviceKind kind) throws IOException {
        byte[] content = random((int) BYTES / 2);
        Path out = folder.resolve("out");
        try (Highpage runtime = Highpage.builder().device(device(kind)).open();
                PageBuffer pages = runtime.allocate(BYTES);
                Ring ring = Ring.open("whole", 8);
                RegisteredBuffer whole = ring.register(pages);
                RingFile in = RingFile.open(file(content));
                RingFile to = RingFile.open(
                        out, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            Device device = runtime.device();
            for (int round = 0; round < 3; round++) {
                pages.fill((byte) round);
                pages.access(device, AccessMode.READ_WRITE).close(); // only there
                isOnDevice(pages);
                long at = 1000 + round * 4096L;
                try (Pin pin = pages.range(at, content.length).pin(Pin.longTerm());
                        FixedBuffer fixed = whole.register(pin)) {
                    assertThat(bytes(pin, 0, content.length)).containsOnly(round);
                    assertThat(ring.readFully(in, 0, fixed, 0, content.length, SOON))
                            .isEqualTo(content.length);
                    assertThat(bytes(pin, 0, content.length)).isEqualTo(content);
                }
                pages.access(device, AccessMode.READ_WRITE).close();
                isOnDevice(pages);
                try (Pin pin = pages.range(at, content.length)
                                .pin(Pin.longTerm().mode(AccessMode.READ));
                        FixedBuffer fixed = whole.register(pin)) {
                    ring.writeFully(to, 0, fixed, 0, content.length, SOON);
                    assertThatThrownBy(() -> ring.readFixed(in, 0, fixed, 0, 1))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("taken to read only");
                }
                assertThat(out).hasBinaryContent(content);
                assertThat(pages.evict().complete()).isTrue();
            }
        }
    }

    @Test
    void pinOfARegisteredBuffer_isHeldByTheKernel_andSaysSo() throws IOException {
        try (Ring ring = Ring.builder("seen").slots(4).open();
                RegisteredBuffer whole = ring.register(buffer)) {
            assertThat(whole.ring()).isSameAs(ring);
            assertThat(whole.buffer()).isSameAs(buffer);
            assertThat(whole.slots()).isEqualTo(1);
            assertThat(hp.pins())
                    .singleElement()
                    .asString()
                    .startsWith("home of bytes 0.." + BYTES + " of buffer " + buffer.id()
                            + " (kernel-held by io_uring ring 'seen')");
            for (int round = 0; round < 10; round++) { // more than there are slots
                Pin pin = buffer.range(100 + round, 20_000).pin(Pin.longTerm());
                assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
                FixedBuffer fixed = whole.register(pin);
                assertThat(fixed.slots()).isZero();
                assertThat(fixed.byteSize()).isEqualTo(20_000);
                assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
                Verification found = pin.verify();
                assertThat(found.isConfirmed()).as(found.evidence()).isTrue();
                assertThat(found.evidence())
                        .contains("lists 20000 of 20000 bytes as registered with io_uring ring");
                assertThatThrownBy(pin::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("io_uring ring 'seen'");
                fixed.close();
                assertThat(fixed.isOpen()).isFalse();
                pin.close();
            }
            assertThat(whole.isOpen()).isTrue();
        }
        assertThat(hp.holders()).isEmpty();
    }

    @Test
    void operations_areOnlyUnderAnOpenPinOfTheBuffer() throws IOException {
        try (PageBuffer another = hp.allocate(BYTES);
                Ring ring = Ring.open("strict", 4);
                RegisteredBuffer whole = ring.register(buffer);
                RingFile file = RingFile.open(file(random(1000)));
                Pin foreign = another.pin(Pin.longTerm());
                Pin pin = buffer.range(5000, 1000).pin(Pin.longTerm())) {
            assertThatThrownBy(() -> whole.register(foreign))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is not a pin of buffer " + buffer.id());
            assertThat(foreign.strength()).isEqualTo(Strength.RUNTIME);
            Pin closed = buffer.range(0, 10).pin(Pin.longTerm());
            closed.close();
            assertThatThrownBy(() -> whole.register(closed))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
            FixedBuffer fixed = whole.register(pin);
            // Registered memory is all around, the pin is not.
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 1, 1000))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, -1, 10))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> fixed.update(foreign))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
            fixed.close();
            assertThatThrownBy(() -> ring.readFixed(file, 0, fixed, 0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    @Test
    void otherPin_ofTheSameBuffer_takesThePlaceOfOne() throws Exception {
        try (Ring ring = Ring.open("next", 4);
                RegisteredBuffer whole = ring.register(buffer);
                RingFile file = RingFile.open(file(random(4096)))) {
            Pin first = buffer.range(0, 4096).pin(Pin.longTerm());
            FixedBuffer fixed = whole.register(first);
            RingOperation read = ring.readFixed(file, 0, fixed, 0, 4096);
            try (Pin second = buffer.range(8192, 4096).pin(Pin.longTerm())) {
                fixed.update(second);
                assertThat(read.await(SOON)).as("ends where it began").isEqualTo(4096);
                assertThat(bytes(first, 0, 4096)).isEqualTo(random(4096));
                first.close();
                assertThat(fixed.pin()).isSameAs(second);
                assertThat(ring.readFixed(file, 0, fixed, 0, 4096).await(SOON)).isEqualTo(4096);
                assertThat(bytes(second, 0, 4096)).isEqualTo(random(4096));
                fixed.close();
            }
        }
    }

    // ---- closing ----

    /** A read of a pipe that nobody writes to: it is cancelled in the end. */
    @Test
    void close_takesItsPinsWithIt_andWaitsForTheirOperations() throws Exception {
        try (Ring ring = Ring.builder("busy").patience(SHORT).open();
                RingFile pipe = pipe();
                RingFile file = RingFile.open(file(random(1000)))) {
            RegisteredBuffer whole = ring.register(buffer);
            Pin waiting = buffer.range(0, 10).pin(Pin.longTerm());
            Pin idle = buffer.range(5000, 1000).pin(Pin.longTerm());
            FixedBuffer waits = whole.register(waiting);
            FixedBuffer other = whole.register(idle);
            RingOperation stuck = ring.readFixed(pipe, 0, waits, 0, 10);
            RingOperation prepared = ring.readFixed(file, 0, other, 0, 1000);
            whole.close();
            assertThat(stuck.isDone() && prepared.isDone()).isTrue();
            assertThat(prepared.await(SHORT)).isEqualTo(1000);
            assertThat(waits.isOpen() || other.isOpen() || whole.isOpen()).isFalse();
            assertThatThrownBy(() -> ring.readFixed(file, 0, other, 0, 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> whole.register(idle))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no longer registered");
            waiting.close();
            idle.close();
            waits.close();
            other.close();
            whole.close();
            assertThat(hp.holders()).isEmpty();
        }
    }

    @Test
    void pinWithAReadInFlight_leaves_andTheBufferStays() throws Exception {
        try (Ring ring = Ring.builder("one").patience(SHORT).open();
                RegisteredBuffer whole = ring.register(buffer);
                RingFile pipe = pipe();
                RingFile file = RingFile.open(file(random(1000)));
                Pin other = buffer.range(5000, 1000).pin(Pin.longTerm());
                FixedBuffer stays = whole.register(other)) {
            Pin pin = buffer.range(0, 10).pin(Pin.longTerm());
            FixedBuffer fixed = whole.register(pin);
            RingOperation stuck = ring.readFixed(pipe, 0, fixed, 0, 10);
            fixed.close();
            assertThat(stuck.isDone()).isTrue();
            pin.close();
            assertThat(ring.readFixed(file, 0, stays, 0, 1000).await(SOON)).isEqualTo(1000);
        }
    }

    @Test
    void ring_closesWhatItHas() throws IOException {
        Ring ring = Ring.open("first", 4);
        RegisteredBuffer whole = ring.register(buffer);
        Pin pin = buffer.range(5000, 1000).pin(Pin.longTerm());
        FixedBuffer fixed = whole.register(pin);
        try (RingFile file = RingFile.open(file(random(1000)))) {
            RingOperation prepared = ring.readFixed(file, 0, fixed, 0, 1000);
            assertThatThrownBy(buffer::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("home of bytes 0..")
                    .hasMessageContaining("io_uring ring 'first'");
            ring.close();
            assertThat(prepared.await(SHORT)).isEqualTo(1000);
        }
        assertThat(whole.isOpen() || fixed.isOpen()).isFalse();
        pin.close();
        fixed.close();
        whole.close();
        assertThatThrownBy(() -> ring.register(buffer))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThat(hp.holders()).isEmpty();
    }

    @Test
    void twoRings_keepOneBuffer() throws IOException {
        try (Ring a = Ring.open("a", 4);
                Ring b = Ring.open("b", 4);
                RegisteredBuffer inA = a.register(buffer);
                RegisteredBuffer inB = b.register(buffer);
                RegisteredBuffer again = b.register(buffer);
                Pin pin = buffer.range(0, 10).pin(Pin.longTerm());
                FixedBuffer ofA = inA.register(pin);
                FixedBuffer ofB = inB.register(pin)) {
            assertThat(hp.pins()).hasSize(4);
            inA.close();
            assertThat(ofA.isOpen()).isFalse();
            assertThat(ofB.isOpen() && again.isOpen()).isTrue();
            assertThat(pin.verify().isConfirmed()).isTrue();
        }
    }

    // ---- refusals ----

    @Test
    void fullTable_andPagesInUse_andAFullBudget_leaveNothing() throws IOException {
        try (Ring ring = Ring.builder("small").slots(3).slotBytes(BYTES / 2).open();
                RegisteredBuffer whole = ring.register(buffer);
                PageBuffer other = hp.allocate(BYTES)) {
            assertThatThrownBy(() -> ring.register(other))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is full: buffer " + other.id())
                    .hasMessageContaining("needs slots=2, free are 1 of 3");
            whole.close();
            try (DeviceAccess access =
                    other.range(0, 10).access(hp.device(), AccessMode.READ_WRITE)) {
                assertThatThrownBy(() -> ring.register(other))
                        .isInstanceOf(PagesBusyException.class);
                assertThat(access.isOpen()).isTrue();
            }
            assertThat(hp.holders()).isEmpty();
            Budget poor = hp.budget("poor", 4 * BYTES).hostMemory(BYTES / 2);
            try (PageBuffer large = poor.allocate(BYTES, Allocation.defaults())) {
                assertThatThrownBy(() -> ring.register(large))
                        .isInstanceOf(OutOfPageMemoryException.class)
                        .hasMessageContaining("poor");
            }
            poor.close();
            assertThat(hp.holders()).isEmpty();
            ring.register(other).close();
        }
    }

    /** What no ring keeps is given up instead; where there is none of that, it says who keeps. */
    @Test
    void fullHome_isEmptiedElsewhere() throws IOException {
        Budget cache = hp.budget("cache", 4 * BYTES).hostMemory(2 * BYTES);
        try (Ring ring = Ring.open("kept", 4);
                PageBuffer kept = cache.allocate(BYTES, Allocation.defaults());
                PageBuffer free = cache.allocate(BYTES, Allocation.defaults());
                PageBuffer asks = cache.allocate(2 * BYTES, Allocation.defaults());
                RegisteredBuffer whole = ring.register(kept);
                RingFile file = RingFile.open(file(random(1000)))) {
            kept.fill((byte) 1);
            kept.prefetch(hp.device());
            free.fill((byte) 2);
            free.prefetch(hp.device());
            asks.range(0, BYTES).fill((byte) 3);
            assertThatThrownBy(() -> asks.range(BYTES, BYTES).fill((byte) 3))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining("home of bytes 0.." + BYTES)
                    .hasMessageContaining("io_uring ring 'kept'");
            try (Pin pin = kept.range(5000, 1000).pin(Pin.longTerm());
                    FixedBuffer fixed = whole.register(pin)) {
                assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
                assertThat(bytes(pin, 0, 1000)).isEqualTo(random(1000));
            }
        }
        cache.close();
    }

    /** More than the kernel takes as one buffer; an operation over the border has two parts. */
    @Test
    void bufferAboveOneGiB_takesTwoSlots() throws IOException {
        long gib = 1L << 30;
        try (PageBuffer large = hp.allocate(gib + (8 << 20), 2 << 20);
                Ring ring = Ring.open("large", 4);
                RegisteredBuffer whole = ring.register(large);
                RingFile file = RingFile.open(file(random(10_000)))) {
            assertThat(whole.slots()).isEqualTo(2);
            try (Pin pin = large.range(gib - 5000, 10_000).pin(Pin.longTerm());
                    FixedBuffer fixed = whole.register(pin)) {
                assertThat(pin.verify().isConfirmed()).isTrue();
                assertThat(ring.readFixed(file, 0, fixed, 0, 10_000).await(SOON))
                        .isEqualTo(10_000);
                assertThat(bytes(pin, 0, 10_000)).isEqualTo(random(10_000));
                assertThat(ring.readFully(file, 4, fixed, 4990, 20, SOON)).isEqualTo(20);
                assertThat(bytes(pin, 4990, 20))
                        .isEqualTo(Arrays.copyOfRange(random(10_000), 4, 24));
            }
        }
    }
}
