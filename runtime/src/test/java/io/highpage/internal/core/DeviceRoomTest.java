// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** How device memory is divided among buffers: what lies in the way, and what is left of others. */
class DeviceRoomTest {
    private static final long MIB = 1L << 20;

    @RegisterExtension
    final AtRest rest = new AtRest();

    /** Moves one page there, which takes the whole window. */
    private static MoveReport take(PageRuntime runtime, PageBuffer buffer) {
        return buffer.range(0, 1).prefetch(runtime.device());
    }

    @Test
    void prefetch_withRoomInPiecesOnly_saysWhatLiesInTheWay() {
        PageRuntime runtime =
                rest.open(1024 * MIB, Scene.device(DeviceKind.COHERENT)).runtime();
        List<PageBuffer> small = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            small.add(runtime.allocate(MIB));
            assertThat(take(runtime, small.get(i)).complete()).isTrue();
        }
        for (int i = 0; i < small.size(); i++) {
            if (i % 16 != 0) {
                small.get(i).close();
            }
        }
        PageBuffer large = runtime.allocate(17 * MIB);
        assertThat(take(runtime, large).failure().orElseThrow())
                .isInstanceOf(OutOfPageMemoryException.class)
                .hasMessageContaining("requested " + 17 * MIB + " bytes, in use " + 63 * MIB
                        + " of " + 1024 * MIB)
                .hasMessageContaining(
                        "in 63 pieces of device memory of " + 63 * 16 * MIB + " bytes together")
                .hasMessageContaining("the most that is free in one piece there is " + 15 * MIB)
                .hasMessageContaining("evict or close other buffers");
        small.get(0).close(); // as the message says
        assertThat(take(runtime, large).complete()).isTrue();
    }

    /** The fullest slabs are filled first, so that others become empty and can be given up. */
    @Test
    void windows_fillTheSlabsThatHaveLeastRoom() {
        Rig rig = rest.open(64 * MIB, Scene.device(DeviceKind.COHERENT)); // slabs of 4 MiB
        PageRuntime runtime = rig.runtime();
        List<PageBuffer> each = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            each.add(runtime.allocate(MIB));
            take(runtime, each.get(i));
        }
        for (int i = 0; i < 3; i++) {
            each.get(i).evict(); // three of the first slab
        }
        each.get(4).evict(); // one of the second
        take(runtime, each.get(1)); // goes there
        each.get(3).evict();
        assertThat(rig.device().openExtents()).isEqualTo(2);
        PageBuffer large = runtime.allocate(60 * MIB);
        assertThat(take(runtime, large).complete())
                .as("the first slab is empty and goes")
                .isTrue();
    }

    @Test
    void deviceMemory_ofABufferThatWasClosed_showsNoBytesOfIt() {
        HostDevice device = HostDevice.coherent(1L << 30);
        PageRuntime runtime = rest.openPlain(device);
        int pages = 64;
        try (PageBuffer secret = runtime.allocate((long) pages * Scene.PAGE)) {
            secret.fill((byte) 0x5A);
            assertThat(secret.prefetch(runtime.device()).complete()).isTrue();
        }
        PageBuffer next = runtime.allocate((long) pages * Scene.PAGE - 100); // where the other was
        next.write(3, MemorySegment.ofArray(new byte[] {1, 2, 3}));
        assertThat(next.range(0, 5 * Scene.PAGE).prefetch(runtime.device()).complete())
                .isTrue();
        try (Hold hold = next.hold()) {
            for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                checkNoSecret(pieces.slice());
            }
        }
        try (DeviceAccess access = next.access(runtime.device(), AccessMode.READ)) {
            checkNoSecret(access.segment());
            device.launch(access, DeviceRoomTest::checkNoSecret);
        }
        byte[] all = new byte[(int) next.byteSize()];
        next.read(0, MemorySegment.ofArray(all));
        checkNoSecret(MemorySegment.ofArray(all));
    }

    private static void checkNoSecret(MemorySegment memory) {
        assertThat(memory.elements(ValueLayout.JAVA_BYTE)
                        .noneMatch(at -> at.get(ValueLayout.JAVA_BYTE, 0) == 0x5A))
                .isTrue();
    }
}
