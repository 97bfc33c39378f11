// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.outcome.DeviceLostException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Lets the driver work on pages that are on a private device and stay there: copies between them
 * and another buffer, and zeroing. They are kept by a brief hold, in place or not at all; the other
 * buffer's likewise. Pages that kernels may use are refused, as for every other copy.
 */
final class DriverCopy {
    private final DeviceSlot device;
    private final Place place;
    private final ManagedBuffer other;

    private DriverCopy(ManagedBuffer onDevice, DeviceSlot device, ManagedBuffer other) {
        this.device = device;
        this.place = onDevice.pages().deviceWindow(device.id()).place();
        this.other = other;
    }

    private interface Transfer {
        void copy(long base, MemorySegment window, PageRuns runs);
    }

    /**
     * {@return whether it copied; else the target is not all on one private device, and nothing has
     * happened}
     */
    static boolean in(
            ManagedBuffer source,
            long offset,
            ManagedBuffer target,
            long targetOffset,
            long byteSize) {
        return tryCopy(target, targetOffset, source, offset, byteSize, true);
    }

    /**
     * {@return whether it copied; else the source is not all on one private device, and nothing has
     * happened}
     */
    static boolean out(
            ManagedBuffer source,
            long offset,
            ManagedBuffer target,
            long targetOffset,
            long byteSize) {
        return tryCopy(source, offset, target, targetOffset, byteSize, false);
    }

    /**
     * {@return whether it zeroed; else the range is not all on one private device, and nothing has
     * happened}
     */
    static boolean zero(ManagedBuffer buffer, long offset, long byteSize) {
        long first = buffer.firstPage(offset);
        long end = buffer.endPage(offset, byteSize);
        DeviceSlot device = buffer.privateDevice(first, end);
        if (device == null || !buffer.tryHoldForDriver(device, first, end)) {
            return false;
        }
        try {
            Place place = buffer.pages().deviceWindow(device.id()).place();
            runDriver(device, offset, byteSize, run -> place.extent().zero(place.base(), run));
        } finally {
            buffer.releaseBriefly(first, end);
        }
        return true;
    }

    private static boolean tryCopy(
            ManagedBuffer onDevice,
            long deviceOffset,
            ManagedBuffer other,
            long offset,
            long byteSize,
            boolean in) {
        long first = onDevice.firstPage(deviceOffset);
        long end = onDevice.endPage(deviceOffset, byteSize);
        DeviceSlot device = onDevice.privateDevice(first, end);
        if (device == null) {
            return false;
        }
        long otherFirst = other.firstPage(offset);
        long otherEnd = other.endPage(offset, byteSize);
        other.holdBriefly(otherFirst, otherEnd); // may take its time, so it comes first
        try {
            if (!onDevice.tryHoldForDriver(device, first, end)) {
                return false;
            }
            try {
                new DriverCopy(onDevice, device, other)
                        .copy(deviceOffset, offset, byteSize, otherEnd, in);
            } catch (DeviceLostException lost) {
                if (lost.mayStillRun()) {
                    other.pages().keepWindows();
                }
                throw lost;
            } finally {
                onDevice.releaseBriefly(first, end);
            }
        } finally {
            other.releaseBriefly(otherFirst, otherEnd);
        }
        return true;
    }

    private void copy(long deviceOffset, long offset, long byteSize, long otherEnd, boolean in) {
        Extent extent = place.extent();
        Transfer transfer = in ? extent::copyIn : extent::copyOut;
        for (long done = 0; done < byteSize; ) {
            long at = offset + done;
            long bytes = Math.min(
                    byteSize - done,
                    other.runEnd(other.firstPage(at), otherEnd) * other.pageBytes() - at);
            transfer(transfer, deviceOffset + done, other.memoryOf(other.firstPage(at)), at, bytes);
            done += bytes;
        }
    }

    /** A run has one offset for both sides: whichever side is behind is shifted. */
    private void transfer(
            Transfer transfer, long deviceOffset, MemorySegment memory, long offset, long bytes) {
        long ahead = deviceOffset - offset;
        runDriver(
                device,
                Math.min(offset, deviceOffset),
                bytes,
                run -> transfer.copy(
                        place.base() + Math.max(0, ahead),
                        memory.asSlice(Math.max(0, -ahead)),
                        run));
    }

    private static void runDriver(
            DeviceSlot device, long offset, long bytes, Consumer<PageRuns> call) {
        try (Arena arena = Arena.ofConfined()) {
            call.accept(RunList.one(arena, offset, bytes));
        } catch (DeviceLostException lost) {
            device.note(lost);
            throw lost;
        }
    }
}
