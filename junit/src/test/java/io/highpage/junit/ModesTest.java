// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static io.highpage.junit.TestPages.PAGE;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PartialPin;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Terms;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * What a pin, a hold and an access say that they do with their bytes is what they can do, and what
 * is told of them; on every device of this machine.
 */
@ForEachDevice
@ExtendWith(HighpageLeakCheck.class)
class ModesTest {
    private final DeviceInfo info;
    private Highpage hp;

    ModesTest(DeviceInfo info) {
        this.info = info;
    }

    @BeforeEach
    void open() {
        hp = Highpage.builder().device(info.open()).open();
    }

    @AfterEach
    void close() {
        hp.close();
    }

    /** A store throws where the holder only reads, and is one everywhere else. */
    private static void checkStores(MemorySegment segment, AccessMode mode) {
        assertThat(segment.isReadOnly()).isEqualTo(mode == AccessMode.READ);
        byte before = segment.get(ValueLayout.JAVA_BYTE, 0);
        if (mode == AccessMode.READ) {
            assertThatThrownBy(() -> segment.set(ValueLayout.JAVA_BYTE, 0, (byte) ~before))
                    .isInstanceOfAny(
                            IllegalArgumentException.class, UnsupportedOperationException.class);
            assertThatThrownBy(() -> segment.asSlice(0, 1).fill((byte) ~before))
                    .isInstanceOfAny(
                            IllegalArgumentException.class, UnsupportedOperationException.class);
        } else {
            segment.set(ValueLayout.JAVA_BYTE, 0, before);
        }
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo(before);
    }

    @Test
    void pin_inEachMode_hasASegmentAndABufferForThat() {
        for (AccessMode mode : AccessMode.values()) {
            for (Terms terms : List.of(
                    Pin.longTerm(),
                    Pin.longTerm().bare(),
                    Pin.longTerm().shared().owner("rx"))) {
                try (TestPages pages = TestPages.of(hp, "HD.");
                        Pin whole = pages.buffer().pin(terms.mode(mode));
                        Pin part = pages.buffer().range(PAGE + 5, 7).pin(terms.mode(mode))) {
                    for (Pin pin : List.of(whole, part)) {
                        assertThat(pin.mode()).isEqualTo(mode);
                        checkStores(pin.segment(), mode);
                        assertThat(pin.asByteBuffer().isReadOnly())
                                .isEqualTo(mode == AccessMode.READ);
                        assertThat(pin.verify().isConfirmed()).isTrue();
                        pages.checkSegment(pin.segment(), pin.offset());
                    }
                }
            }
        }
    }

    @Test
    void partialPin_inEachMode_isOfPinsInThatMode() {
        for (AccessMode mode : AccessMode.values()) {
            try (TestPages pages = TestPages.of(hp, "HDH");
                    DeviceAccess access =
                            pages.buffer().range(PAGE, PAGE).access(hp.device(), AccessMode.READ);
                    PartialPin partial =
                            pages.buffer().pinPossible(Pin.longTerm().mode(mode))) {
                assertThat(partial.pins()).hasSize(2).allMatch(pin -> pin.mode() == mode);
                partial.pins().forEach(pin -> checkStores(pin.segment(), mode));
                assertThat(access.isOpen()).isTrue();
            }
        }
    }

    @Test
    void hold_inEachMode_hasPiecesForThatWhereverTheyAre() {
        for (AccessMode mode : AccessMode.values()) {
            try (TestPages pages = TestPages.of(hp, "HDDH");
                    Hold hold = pages.buffer().hold(Terms.defaults().mode(mode));
                    Hold inOnePlace =
                            pages.buffer().range(PAGE, 9).hold(Terms.defaults().mode(mode))) {
                assertThat(hold.mode()).isEqualTo(mode);
                checkStores(inOnePlace.segment(), mode);
                int count = 0;
                for (Hold.Pieces pieces = hold.pieces(); pieces.next(); count++) {
                    checkStores(pieces.base(), mode);
                    checkStores(pieces.slice(), mode);
                }
                assertThat(count).isEqualTo(pages.coherent() ? 3 : 1);
                pages.checkBytes();
            }
        }
    }

    @Test
    void access_inEachMode_hasASegmentForThatWhereTheCpuSeesIt() {
        for (AccessMode mode : AccessMode.values()) {
            try (TestPages pages = TestPages.of(hp, "HD")) {
                for (DeviceAccess access : List.of(
                        pages.buffer().access(hp.device(), mode),
                        pages.buffer().access(Terms.defaults().mode(mode), hp.device()))) {
                    try (access) {
                        assertThat(access.mode()).isEqualTo(mode);
                        if (pages.coherent()) {
                            checkStores(access.segment(), mode);
                        }
                        TestPages.onDevice(access, kernels -> checkStores(kernels, mode));
                    }
                }
                if (mode != AccessMode.WRITE) { // which takes it that all is overwritten
                    pages.checkBytes();
                }
            }
        }
    }

    @Test
    void whoSaysNothing_mayDoBoth() {
        try (TestPages pages = TestPages.of(hp, "HD")) {
            try (Pin pin = pages.buffer().pin(Pin.longTerm());
                    Hold hold = pages.buffer().hold()) {
                assertThat(pin.mode()).isEqualTo(AccessMode.READ_WRITE);
                assertThat(hold.mode()).isEqualTo(AccessMode.READ_WRITE);
                checkStores(pin.segment(), AccessMode.READ_WRITE);
                checkStores(hold.segment(), AccessMode.READ_WRITE);
                assertThat(hp.holders()).noneMatch(holder -> holder.toString().contains(" to "));
            }
            try (DeviceAccess access = pages.buffer().access(Terms.defaults(), hp.device())) {
                assertThat(access.mode()).isEqualTo(AccessMode.READ_WRITE);
            }
        }
    }

    @Test
    void holders_inEachMode_areReportedWithIt() {
        for (Terms terms : List.of(Terms.defaults(), Terms.defaults().owner("rx"))) {
            try (TestPages pages = TestPages.of(hp, "HHD");
                    Pin pin = pages.buffer().range(0, 5).pin(terms.mode(AccessMode.READ));
                    Hold hold = pages.buffer().range(PAGE, 5).hold(terms.mode(AccessMode.WRITE));
                    DeviceAccess access = pages.buffer()
                            .range(2 * PAGE, PAGE)
                            .access(terms.mode(AccessMode.READ), hp.device())) {
                assertThat(hp.holders())
                        .extracting(HolderInfo::kind, HolderInfo::mode)
                        .containsExactlyInAnyOrder(
                                tuple("pin", pin.mode()),
                                tuple("hold", hold.mode()),
                                tuple("access", access.mode()));
                assertThat(List.of(pin.mode(), hold.mode(), access.mode()))
                        .containsExactly(AccessMode.READ, AccessMode.WRITE, AccessMode.READ);
                assertThat(hp.holders().toString())
                        .contains("of bytes 0..5 of buffer " + pages.buffer().id()
                                + " to read (runtime), taken by")
                        .contains("of bytes 4096..4101 of buffer "
                                + pages.buffer().id() + " to write, taken by");
            }
        }
    }

    /** All that the JDK and this library may be asked to put into memory that is only read. */
    @Test
    void bytesIntoAPinThatOnlyReads_areRefusedAndChangeNothing() throws IOException {
        Path file = Path.of("pom.xml");
        try (TestPages pages = TestPages.of(hp, "HDH");
                TestPages other = TestPages.of(hp, "DHD");
                FileChannel channel = FileChannel.open(file);
                Pin pin = pages.buffer().pin(Pin.longTerm().mode(AccessMode.READ))) {
            assertThatThrownBy(() -> other.buffer().read(0, pin.segment()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("read-only");
            assertThatThrownBy(() -> pages.buffer().read(0, pin.segment()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> channel.read(pin.asByteBuffer()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Read-only buffer");
            pages.checkSegment(pin.segment(), 0);
            // The buffer itself may be written all the same: the pin says what its holder does.
            pages.buffer().write(0, pin.segment().asSlice(PAGE, 10));
        }
    }
}
