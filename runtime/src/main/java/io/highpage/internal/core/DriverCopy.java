// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.Extent;
import io.highpage.device.PageRuns;
import io.highpage.internal.copy.RunList;
import io.highpage.internal.copy.SharedCopy;
import io.highpage.internal.memory.DeviceHeap.Place;
import io.highpage.internal.memory.DeviceSlot;
import io.highpage.internal.memory.DeviceWindow;
import io.highpage.internal.memory.TierWindow;
import io.highpage.internal.page.PageWord;
import io.highpage.internal.page.Verb;
import io.highpage.outcome.AccessMode;
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
    private final ManagedRange onDevice;
    private final DeviceSlot device;
    private final Place place;
    private final ManagedRange other;

    private DriverCopy(ManagedRange onDevice, int tier, ManagedRange other) {
        DeviceWindow window = onDevice.pages().deviceWindow(tier, onDevice.firstPage());
        this.onDevice = onDevice;
        this.device = window.device();
        this.place = window.place();
        this.other = other;
    }

    private interface Transfer {
        void copy(long base, MemorySegment window, PageRuns runs);
    }

    /**
     * {@return whether it copied; else the target is not all on one private device, and nothing has
     * happened}
     */
    static boolean in(ManagedRange source, ManagedRange target) {
        return tryCopy(target, source, true);
    }

    /**
     * {@return whether it copied; else the source is not all on one private device, and nothing has
     * happened}
     */
    static boolean out(ManagedRange source, ManagedRange target) {
        return tryCopy(source, target, false);
    }

    /**
     * {@return whether it zeroed; else the range is not all on one private device, and nothing has
     * happened}
     */
    static boolean zero(ManagedRange range) {
        ManagedBuffer buffer = range.buffer();
        int tier = buffer.privateTier(range, Verb.DRIVER_WRITE);
        if (tier == PageWord.HOME || !buffer.tryHoldForDriver(tier, range, Verb.DRIVER_WRITE)) {
            return false;
        }
        try {
            DeviceWindow window = range.pages().deviceWindow(tier, range.firstPage());
            Place place = window.place();
            runDriver(
                    window.device(),
                    buffer.copying(),
                    range.offsetInSpan(),
                    range.byteSize(),
                    run -> place.extent().zero(place.base(), run));
        } finally {
            range.release(Verb.HOLD);
        }
        return true;
    }

    private static boolean tryCopy(ManagedRange onDevice, ManagedRange other, boolean in) {
        ManagedBuffer buffer = onDevice.buffer();
        Verb verb = in ? Verb.DRIVER_WRITE : Verb.DRIVER_READ;
        int tier = buffer.privateTier(onDevice, verb);
        if (tier == PageWord.HOME) {
            return false;
        }
        // May take its time, so it comes first.
        AccessMode mode = in ? AccessMode.READ : AccessMode.READ_WRITE;
        other.buffer().holdBriefly(other, mode);
        try {
            if (!buffer.tryHoldForDriver(tier, onDevice, verb)) {
                return false;
            }
            try {
                new DriverCopy(onDevice, tier, other).copy(in);
            } catch (DeviceLostException lost) {
                if (lost.mayStillRun()) {
                    other.buffer().pages().abandonWindows();
                }
                throw lost;
            } finally {
                onDevice.release(Verb.HOLD);
            }
        } finally {
            other.buffer().releaseBriefly(other, mode);
        }
        return true;
    }

    private void copy(boolean in) {
        Extent extent = place.extent();
        Transfer transfer = in ? extent::copyIn : extent::copyOut;
        ManagedBuffer buffer = other.buffer();
        for (long done = 0; done < other.byteSize(); ) {
            long at = other.offset() + done;
            long page = buffer.pageAt(at);
            long end = Math.min(
                    other.end(), buffer.held().runEnd(page, other.endPage()) * buffer.pageBytes());
            TierWindow window = buffer.held().windowOf(page);
            transfer(
                    transfer,
                    onDevice.offsetInSpan() + done,
                    window.memory(),
                    at - buffer.pages().start(window),
                    end - at);
            done += end - at;
        }
    }

    /** A run has one offset for both sides: whichever side is behind is shifted. */
    private void transfer(
            Transfer transfer, long deviceOffset, MemorySegment memory, long offset, long bytes) {
        long ahead = deviceOffset - offset;
        runDriver(
                device,
                onDevice.buffer().copying(),
                Math.min(offset, deviceOffset),
                bytes,
                run -> transfer.copy(
                        place.base() + Math.max(0, ahead),
                        memory.asSlice(Math.max(0, -ahead)),
                        run));
    }

    private static void runDriver(
            DeviceSlot device,
            SharedCopy copying,
            long offset,
            long bytes,
            Consumer<PageRuns> call) {
        try (Arena arena = Arena.ofConfined()) {
            call.accept(RunList.one(arena, offset, bytes, copying.threads()));
        } catch (DeviceLostException lost) {
            device.note(lost);
            throw lost;
        }
    }
}
