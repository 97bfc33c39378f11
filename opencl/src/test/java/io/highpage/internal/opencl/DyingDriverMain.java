// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.MoveReport;

import java.lang.foreign.MemorySegment;

/**
 * Moves one buffer to a device, then has a step meet what the driver does, and says what became of
 * everything. The second copy is that of the step.
 */
final class DyingDriverMain {
    private static final long BYTES = 4 * 4096;

    private DyingDriverMain() {}

    /**
     * Takes the device's name and a step: {@code out}, {@code in}, {@code room} or {@code access}.
     */
    public static void main(String[] arguments) {
        long start = System.nanoTime();
        DeviceMemory device = Devices.named(arguments[0]).open();
        if (device instanceof OpenClDevice opened && opened.queue().address() == 0) {
            throw new AssertionError("no queue"); // it is asked for, so an access waits for it
        }
        Highpage runtime = Highpage.builder().device(device).open();
        PageBuffer there = filled(runtime, 1);
        bring(runtime, there);
        PageBuffer home = filled(runtime, 2);
        switch (arguments[1]) {
            case "out" -> say("step", there.evict());
            case "in" -> say("step", home.prefetch(runtime.device()));
            case "room" -> {
                move("first", runtime, 16 << 20);
                move("second", runtime, 18 << 20);
            }
            default -> access(runtime, there);
        }
        System.out.println("lost " + runtime.device().isLost());
        System.out.println("residency " + there.residency() + " " + home.residency());
        System.out.println("home " + read(home) + ", there " + read(there));
        say("again", home.prefetch(runtime.device()));
        there.close();
        home.close();
        runtime.close();
        System.out.println("closed");
        System.out.println("took " + (System.nanoTime() - start) / 1_000_000_000 + " s");
    }

    /** As for a kernel that writes, so that the bytes are nowhere else; nothing is awaited. */
    private static void bring(Highpage runtime, PageBuffer there) {
        try (DeviceAccess access = there.access(runtime.device(), AccessMode.READ_WRITE)) {
            access.completesWith(() -> {});
        }
    }

    private static void access(Highpage runtime, PageBuffer there) {
        DeviceAccess access = there.access(runtime.device(), AccessMode.READ_WRITE);
        for (int i = 0; access.isOpen() && i < 3; i++) {
            try {
                access.close();
                System.out.println("access closed");
            } catch (RuntimeException failure) {
                say("close", failure);
            }
        }
    }

    private static void move(String what, Highpage runtime, long bytes) {
        try (PageBuffer buffer = runtime.allocate(bytes)) {
            buffer.range(0, bytes).fill((byte) 3);
            say(what, buffer.prefetch(runtime.device()));
        }
    }

    private static PageBuffer filled(Highpage runtime, int value) {
        PageBuffer buffer = runtime.allocate(BYTES);
        buffer.range(0, BYTES).fill((byte) value);
        return buffer;
    }

    private static String read(PageBuffer buffer) {
        byte[] last = new byte[1];
        try {
            buffer.read(BYTES - 1, MemorySegment.ofArray(last));
            return String.valueOf(last[0]);
        } catch (RuntimeException failure) {
            return failure.getClass().getSimpleName();
        }
    }

    private static void say(String what, MoveReport report) {
        report.failure()
                .ifPresentOrElse(
                        failure -> say(what, failure), () -> System.out.println(what + " done"));
    }

    private static void say(String what, Throwable failure) {
        boolean runs = failure instanceof DeviceLostException lost && lost.mayStillRun();
        System.out.println(what + " " + failure.getClass().getSimpleName()
                + (runs ? " (may still run)" : "") + ": " + failure.getMessage());
    }
}
