// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Strength;
import io.highpage.outcome.Verification;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.FaultyDevice;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Adding, changing and removing pins in the table of a ring. */
class RingTableTest extends RingTest {
    @Test
    void theKernelListsWhatIsRegistered() throws IOException {
        try (Ring ring = Ring.builder("seen").slotBytes(buffer.pageBytes() * 8).open();
                Pin pin = buffer.range(100, BYTES - 200).pin(Pin.longTerm())) {
            FixedBuffer fixed = ring.register(pin);
            Verification found = pin.verify();
            assertThat(found.isConfirmed()).as(found.evidence()).isTrue();
            assertThat(found.evidence())
                    .contains("/proc/self/fdinfo/")
                    .contains("lists " + (BYTES - 200) + " of " + (BYTES - 200) + " bytes")
                    .contains("ring 'seen'")
                    .contains("0x" + Long.toHexString(pin.segment().address()) + "/");
            fixed.close();
            assertThat(pin.verify().evidence()).doesNotContain("fdinfo");
        }
    }

    @Test
    void pins_comeAndGoInAnyOrder() throws IOException {
        long page = buffer.pageBytes();
        byte[] content = random((int) BYTES);
        List<Pin> pins = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            pins.add(buffer.range(i * page, page).pin(Pin.longTerm()));
        }
        try (Ring ring = Ring.builder("many").slots(16).open();
                RingFile file = RingFile.open(file(content))) {
            List<FixedBuffer> all = new ArrayList<>(ring.register(pins));
            for (int gone = 1; gone < 16; gone += 2) {
                all.get(gone).close();
                assertThat(pins.get(gone).strength()).isEqualTo(Strength.RUNTIME);
            }
            for (int back = 15; back > 0; back -= 2) {
                all.set(back, ring.register(pins.get(back)));
            }
            assertThatThrownBy(() -> ring.register(pins.getFirst()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("table of io_uring ring 'many' is full")
                    .hasMessageContaining("slots=1, free are 0 of 16");
            for (int i = 0; i < 16; i++) {
                assertThat(ring.readFixed(file, i, all.get(i), 0, page).await(SOON))
                        .isEqualTo(page);
            }
            for (int i = 0; i < 16; i++) {
                assertThat(bytes(pins.get(i), 0, page))
                        .isEqualTo(Arrays.copyOfRange(content, i, (int) (i + page)));
            }
        }
        pins.forEach(Pin::close);
    }

    @Test
    void severalPins_areRegisteredAllOrNone() throws IOException {
        try (Pin a = buffer.range(0, 10).pin(Pin.longTerm());
                Pin b = buffer.range(0, 10).pin(Pin.longTerm());
                Ring ring = Ring.builder("few").slots(3).open()) {
            Pin closed = buffer.range(0, 10).pin(Pin.longTerm());
            closed.close();
            assertThatThrownBy(() -> ring.register(List.of(a, b, closed)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is closed");
            assertThatThrownBy(() -> ring.register(List.of(a, b, a, b)))
                    .hasMessageContaining("is full");
            assertThat(a.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(b.strength()).isEqualTo(Strength.RUNTIME);
            assertThat(ring.register(List.of(a, b, a))).hasSize(3);
            assertThat(ring.register(List.of())).isEmpty();
        }
    }

    @Test
    void pinOfAnotherThread_isRefused() throws Exception {
        try (Ring ring = Ring.open("other", 4);
                Pin pin = buffer.pin(Pin.longTerm())) {
            CompletableFuture<FixedBuffer> elsewhere = CompletableFuture.supplyAsync(() -> {
                try {
                    return ring.register(pin);
                } catch (IOException failed) {
                    throw new IllegalStateException(failed);
                }
            });
            assertThat(elsewhere)
                    .failsWithin(SOON)
                    .withThrowableThat()
                    .withCauseInstanceOf(WrongThreadException.class);
            assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
        }
    }

    @Test
    void numbersOutOfRange_areRefused() {
        assertThatThrownBy(() -> Ring.open("none", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Ring.open("many", 32_769))
                .hasMessageContaining("entries=32769 has to be 1 to 32768");
        assertThatThrownBy(() -> Ring.builder("many").slots(16_385))
                .hasMessageContaining("slots=16385");
        assertThatThrownBy(() -> Ring.builder("slow").patience(SHORT.negated()))
                .hasMessageContaining("patience=");
        assertThatThrownBy(() -> Ring.builder(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void largestRing_opens() throws IOException {
        try (Ring ring = Ring.builder("largest").entries(32_768).slots(16_384).open();
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin)) {
            assertThat(ring.entries()).isEqualTo(32_768);
            assertThat(ring.slots()).isEqualTo(16_384);
            assertThat(fixed.slots()).isEqualTo(1);
        }
    }

    /** More than the kernel takes as one buffer. */
    @Test
    void pinAboveOneGiB_takesTwoSlots() throws IOException {
        long gib = 1L << 30;
        long start = 100;
        Path out = folder.resolve("out");
        try (PageBuffer large = hp.allocate(gib + (8 << 20), 2 << 20);
                Pin pin = large.range(start, gib + BYTES).pin(Pin.longTerm());
                Ring ring = Ring.open("large", 4);
                FixedBuffer fixed = ring.register(pin);
                RingFile file = RingFile.open(
                        out,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW)) {
            assertThat(fixed.slots()).isEqualTo(2);
            assertThat(pin.verify().isConfirmed()).isTrue();
            long border = gib - start;
            byte[] content = random(16 << 10);
            long at = border - content.length / 2;
            for (int i = 0; i < content.length; i++) {
                pin.segment().set(ValueLayout.JAVA_BYTE, at + i, content[i]);
            }
            assertThat(ring.writeFixed(file, 0, fixed, at, content.length).await(SOON))
                    .isEqualTo(content.length);
            assertThat(out).hasBinaryContent(content);
            pin.segment().asSlice(at, content.length).fill((byte) 0);
            assertThat(ring.readFully(file, 0, fixed, at, content.length, SOON))
                    .isEqualTo(content.length);
            assertThat(bytes(pin, at, content.length)).isEqualTo(content);
        }
    }

    @Test
    void deviceLostWhileAPinIsTaken_leavesTheRingAsItWas() throws IOException {
        Faults faults = new Faults();
        try (Highpage runtime = Highpage.builder()
                        .device(new FaultyDevice(HostDevice.coherent(BYTES), faults))
                        .open();
                PageBuffer pages = runtime.allocate(BYTES);
                Ring ring = Ring.open("after", 4);
                Pin other = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(other);
                RingFile file = RingFile.open(file(random(1000)))) {
            pages.range(0, BYTES).fill((byte) 7);
            pages.access(runtime.device(), AccessMode.READ_WRITE).close(); // only there
            faults.arm(1, Faults.LOSE, EnumSet.of(Faults.Call.COPY_OUT));
            assertThatThrownBy(() -> ring.register(pages.pin(Pin.longTerm())))
                    .isInstanceOf(DeviceLostException.class);
            assertThat(runtime.holders()).isEmpty();
            assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
            assertThat(bytes(other, 0, 1000)).isEqualTo(random(1000));
        }
    }
}
