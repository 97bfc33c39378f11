// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.device.DeviceKind;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A buffer whose pages are where a picture says, one letter a page, and the bytes that it should
 * have.
 */
record TestPages(Highpage hp, PageBuffer buffer, byte[] bytes) implements AutoCloseable {
    static final int PAGE = 4096;

    static TestPages of(Highpage hp, String picture) {
        return of(hp, picture, 0);
    }

    /** The last page is {@code missing} bytes short. */
    static TestPages of(Highpage hp, String picture, int missing) {
        byte[] bytes = new byte[picture.length() * PAGE - missing];
        TestPages pages = new TestPages(hp, hp.allocate(bytes.length, PAGE), bytes);
        new Random(picture.hashCode()).nextBytes(bytes);
        for (int page = 0; page < picture.length(); page++) {
            int from = page * PAGE;
            int to = Math.min(from + PAGE, bytes.length);
            if (picture.charAt(page) == '.') {
                Arrays.fill(bytes, from, to, (byte) 0);
                continue;
            }
            pages.buffer.write(from, MemorySegment.ofArray(bytes).asSlice(from, to - from));
            if (picture.charAt(page) == 'D') {
                bring(pages.buffer.range(from, 1), hp.device());
            }
        }
        assertThat(pages.picture()).isEqualTo(picture);
        return pages;
    }

    /**
     * Brings pages to a device as a kernel that writes does: their homes are not valid then, so
     * that they come home by a copy, as they do not after a prefetch.
     */
    static void bring(PageRange range, Device device) {
        range.access(device, AccessMode.READ_WRITE).close();
    }

    /** Does so with the pages of a range that nobody keeps, whatever other threads do. */
    void bringFree(long offset, long byteSize) {
        buffer.range(offset, byteSize).prefetch(device());
        Terms atOnce = Terms.defaults().mode(AccessMode.READ_WRITE).deadline(Duration.ZERO);
        for (long at = offset / PAGE * PAGE; at < offset + byteSize; at += PAGE) {
            try (DeviceAccess access = buffer.range(at, 1).access(atOnce, device())) {
                access.completesWith(() -> {}); // nothing is to be awaited
            } catch (PagesBusyException kept) {
                // It stays where it is.
            }
        }
    }

    /** {@return bytes that were copied home from the device so far} */
    static long copiedHome(Highpage hp) {
        return hp.device().traffic().bytesOut();
    }

    Device device() {
        return hp.device();
    }

    boolean coherent() {
        return device().kind() == DeviceKind.COHERENT;
    }

    String picture() {
        return buffer.residency().toString();
    }

    /** Checks every byte by a read, which is a hold. */
    void checkBytes() {
        byte[] read = new byte[bytes.length];
        buffer.read(0, MemorySegment.ofArray(read));
        assertThat(Arrays.mismatch(read, bytes)).as("first wrong byte").isEqualTo(-1);
    }

    void checkSegment(MemorySegment segment, long offset) {
        MemorySegment expected = MemorySegment.ofArray(bytes).asSlice(offset, segment.byteSize());
        assertThat(segment.mismatch(expected))
                .as("first wrong byte from %d", offset)
                .isEqualTo(-1);
    }

    /** Runs a kernel on the device, where Java can. {@return whether it did} */
    static boolean onDevice(DeviceAccess access, Consumer<MemorySegment> kernel) {
        if (access.device().memory() instanceof HostDevice host) {
            host.launch(access, kernel);
            return true;
        }
        if (access.device().kind() == DeviceKind.COHERENT) {
            kernel.accept(access.segment());
            return true;
        }
        return false;
    }

    @Override
    public void close() {
        buffer.close();
    }
}
