// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import io.highpage.host.HostDevice;
import io.highpage.internal.os.ProcFile;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.HolderInfo;
import io.highpage.outcome.Terms;
import io.highpage.testkit.JavaProcess;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A child JVM that page-locks what its arguments say, and prints what came of it. */
public final class LimitedChild {
    /** Size of a base page here. */
    public static final long PAGE = 4096;

    private static final Terms LOCKED = Pin.longTerm().pageLocked();

    private LimitedChild() {}

    /**
     * The steps, for a buffer of as many pages as the first argument says: {@code pin FROM TO},
     * {@code possible FROM TO}, {@code every-second}, {@code close} of the last one, {@code wait}
     * for a line on standard input, {@code held}.
     */
    public static void main(String[] steps) throws IOException {
        List<Pin> pins = new ArrayList<>();
        try (Highpage hp =
                        Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
                PageBuffer buffer = hp.allocate(Long.parseLong(steps[0]) * PAGE)) {
            for (String step : Arrays.asList(steps).subList(1, steps.length)) {
                try {
                    run(step.split(" "), hp, buffer, pins);
                } catch (HighpageException refused) {
                    System.out.println(step + ": refused: " + refused.getMessage());
                }
                System.out.println(step + ": " + hp.pins().size() + " pins, locked "
                        + hp.pageLockedBytes() / PAGE + " pages, VmLck "
                        + ProcFile.statusBytes("VmLck:").orElseThrow() / PAGE + " pages");
            }
            pins.forEach(Pin::close);
            System.out.println("end: locked " + hp.pageLockedBytes() + ", VmLck "
                    + ProcFile.statusBytes("VmLck:").orElseThrow());
        }
    }

    private static void run(String[] step, Highpage hp, PageBuffer buffer, List<Pin> pins)
            throws IOException {
        switch (step[0]) {
            case "pin" ->
                pins.add(buffer.range(from(step), to(step) - from(step)).pin(LOCKED));
            case "possible" ->
                pins.addAll(buffer.range(from(step), to(step) - from(step))
                        .pinPossible(LOCKED)
                        .pins());
            case "every-second" -> {
                for (long page = 0; page < buffer.pageCount(); page += 2) {
                    pins.add(buffer.range(page * PAGE, PAGE).pin(LOCKED));
                }
            }
            case "close" -> pins.removeLast().close();
            case "held" -> held(hp, buffer);
            case "wait" -> System.in.read();
            default -> throw new IllegalArgumentException(step[0]);
        }
        if (step[0].equals("pin")) {
            System.out.println("verified: " + pins.getLast().verify());
        }
    }

    /** Prints what the runtime knows of a holder of each kind. */
    private static void held(Highpage hp, PageBuffer buffer) {
        try (Pin pin = takePin(buffer);
                Hold hold = buffer.range(0, PAGE).hold();
                DeviceAccess access =
                        buffer.range(2 * PAGE, PAGE).access(hp.device(), AccessMode.READ)) {
            for (HolderInfo info : hp.holders()) {
                System.out.println(info + " " + info.place());
            }
            System.out.println(List.of(pin, hold, access));
        }
    }

    private static Pin takePin(PageBuffer buffer) {
        return buffer.range(0, PAGE).pin(Pin.longTerm().owner("rx"));
    }

    private static long from(String[] step) {
        return Long.parseLong(step[1]) * PAGE;
    }

    private static long to(String[] step) {
        return Long.parseLong(step[2]) * PAGE;
    }

    /** {@return a process that runs the steps, under other commands such as {@code prlimit}} */
    public static Process start(List<String> under, Object... steps) throws IOException {
        return JavaProcess.small(under, List.of(), LimitedChild.class, steps).start();
    }

    /** {@return all that the child prints until it ends, and its status} */
    public static String run(List<String> under, Object... steps) throws IOException {
        return JavaProcess.outcome(JavaProcess.small(under, List.of(), LimitedChild.class, steps));
    }
}
