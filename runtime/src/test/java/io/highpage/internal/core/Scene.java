// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.host.HostDevice;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.Residency;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/** A buffer whose pages have been put where a picture says, and the bytes that it should have. */
final class Scene {
    static final int PAGE = 4096;

    final PageBuffer buffer;
    final byte[] bytes;

    private Scene(PageBuffer buffer, byte[] bytes) {
        this.buffer = buffer;
        this.bytes = bytes;
    }

    static DeviceMemory device(DeviceKind kind) {
        return kind == DeviceKind.COHERENT
                ? HostDevice.coherent(1L << 30)
                : HostDevice.privateMemory(1L << 30);
    }

    /**
     * Makes a buffer with a page for each letter: {@code .} absent, {@code H} host, {@code D}
     * device alone, {@code B} host and device.
     */
    static Scene of(PageRuntime runtime, String picture) {
        return of(runtime, runtime.device(), picture);
    }

    static Scene of(PageRuntime runtime, Device device, String picture) {
        return of(runtime.budget(), device, picture);
    }

    static Scene of(Budget budget, Device device, String picture) {
        PageBuffer buffer = budget.allocate((long) picture.length() * PAGE);
        byte[] bytes = new byte[picture.length() * PAGE];
        new Random(picture.hashCode()).nextBytes(bytes);
        for (int page = 0; page < picture.length(); page++) {
            if (picture.charAt(page) == '.') {
                Arrays.fill(bytes, page * PAGE, (page + 1) * PAGE, (byte) 0);
                continue;
            }
            buffer.write((long) page * PAGE, page(bytes, page));
            PageRange range = buffer.range((long) page * PAGE, PAGE);
            if (picture.charAt(page) == 'D') {
                bring(range, device);
            } else if (picture.charAt(page) == 'B') {
                assertThat(range.prefetch(device).complete()).isTrue();
            }
        }
        assertThat(buffer.residency()).hasToString(residency(picture));
        return new Scene(buffer, bytes);
    }

    /** Brings pages to a device, of which no home is valid any more. */
    static void bring(PageRange range, Device device) {
        range.access(device, AccessMode.READ_WRITE).close();
    }

    /** {@return where the pages are, as in a picture} */
    String places() {
        StringBuilder picture = new StringBuilder(buffer.residency().toString());
        for (int page = 0; page < picture.length(); page++) {
            long word = ((ManagedBuffer) buffer).word(page);
            if (PageWord.state(word) == PageWord.BOTH && picture.charAt(page) == 'D') {
                picture.setCharAt(page, 'B');
            }
        }
        return picture.toString();
    }

    /** {@return how residency maps show a picture} */
    static String residency(String picture) {
        return picture.replace('B', 'D');
    }

    private static MemorySegment page(byte[] bytes, int page) {
        return MemorySegment.ofArray(bytes).asSlice((long) page * PAGE, PAGE);
    }

    /** Checks every byte, page by page; pages that are lost say so. */
    void checkBytes(String when) {
        byte[] read = new byte[PAGE];
        for (int page = 0; page < buffer.pageCount(); page++) {
            long at = (long) page * PAGE;
            if (buffer.range(at, 1).residency().of(page) == Residency.LOST) {
                assertThatThrownBy(() -> buffer.read(at, MemorySegment.ofArray(read)))
                        .as("%s, page %d", when, page)
                        .isInstanceOf(DeviceLostException.class)
                        .hasMessageContaining("page " + page);
            } else {
                buffer.read(at, MemorySegment.ofArray(read));
                assertThat(read)
                        .as("%s, page %d", when, page)
                        .isEqualTo(Arrays.copyOfRange(bytes, page * PAGE, (page + 1) * PAGE));
            }
        }
    }
}
