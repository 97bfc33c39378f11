// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.ResidencyMap;
import io.highpage.cli.replay.ReplayResult.Difference;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PageOutcomes;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Refusal;
import io.highpage.outcome.Residency;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Puts a runtime through traces by its public API alone, and compares where the pages are after
 * every step and what is in them at the end. Confined to one thread.
 */
public final class Replayer {
    /** The size of the pages that the traces were recorded with. */
    public static final int PAGE_BYTES = 4096;

    private final Highpage runtime;
    private final Device device;

    /**
     * Makes a replayer.
     *
     * @param runtime the runtime
     * @param device the device of that runtime to move pages to
     */
    public Replayer(Highpage runtime, Device device) {
        this.runtime = runtime;
        this.device = device;
    }

    /**
     * Replays a trace in a new buffer.
     *
     * @param trace the trace
     * @return what came of it
     * @throws IllegalArgumentException if the trace was recorded with another kind of device
     */
    public ReplayResult replay(Trace trace) {
        if (trace.kind() != device.kind()) {
            throw new IllegalArgumentException(trace.title() + " is of kind=" + trace.kind()
                    + ", but device=" + device.name() + " is of kind=" + device.kind());
        }
        try (PageBuffer buffer = runtime.allocate((long) trace.pages() * PAGE_BYTES, PAGE_BYTES);
                Run run = new Run(trace, buffer, device)) {
            return new ReplayResult(trace, run.all());
        }
    }

    /** One trace on its way. */
    private static final class Run implements AutoCloseable {
        private final Trace trace;
        private final PageBuffer buffer;
        private final Device device;
        private final byte[] shadow;
        private final Map<Integer, Holder> holders = new HashMap<>();
        private final SplittableRandom random;

        Run(Trace trace, PageBuffer buffer, Device device) {
            this.trace = trace;
            this.buffer = buffer;
            this.device = device;
            this.shadow = new byte[trace.pages() * PAGE_BYTES];
            this.random = new SplittableRandom(trace.seed());
        }

        Optional<Difference> all() {
            for (TraceStep step : trace.steps()) {
                Optional<Difference> difference = one(step);
                if (difference.isPresent()) {
                    return difference;
                }
            }
            return bytes();
        }

        @Override
        public void close() {
            holders.values().forEach(Holder::close);
        }

        private Optional<Difference> one(TraceStep step) {
            try {
                perform(step);
            } catch (Mismatch mismatch) {
                return difference(step, mismatch.expected, mismatch.got);
            } catch (HighpageException failure) {
                return difference(step, "success", failure.toString());
            }
            String state = state();
            return state.equals(step.state())
                    ? Optional.empty()
                    : difference(step, step.state(), state);
        }

        private void perform(TraceStep step) {
            long offset = (long) step.page() * PAGE_BYTES;
            long bytes = (long) step.count() * PAGE_BYTES;
            switch (step.operation()) {
                // A host page that a device writes is written through the device's mapping of it:
                // an ordinary write here.
                case CPU_WRITE, DEVICE_WRITE -> write((int) offset, (int) bytes);
                case TO_DEVICE -> toDevice(offset, bytes);
                case TO_HOST -> buffer.range(offset, bytes).evict();
                case HOLD -> hold(step, offset, bytes);
                case PIN -> pin(step, offset, bytes);
                case RELEASE ->
                    Objects.requireNonNull(holders.remove(step.hold())).close();
            }
        }

        // A page of Linux's is in one place: what moved is taken for written there, as its home
        // stays valid otherwise and it would come back without a copy.
        private void toDevice(long offset, long bytes) {
            PageOutcomes outcomes = buffer.range(offset, bytes).prefetch(device).outcomes();
            outcomes.forEachRun((page, count, outcome) -> {
                if (outcome == PageOutcome.MOVED) {
                    PageRange moved = buffer.range(page * PAGE_BYTES, count * PAGE_BYTES);
                    try (DeviceAccess access = moved.access(device, AccessMode.READ_WRITE)) {
                        access.completesWith(() -> {}); // nothing is to be awaited
                    }
                }
            });
        }

        private void write(int offset, int bytes) {
            byte[] fresh = new byte[bytes];
            random.nextBytes(fresh);
            System.arraycopy(fresh, 0, shadow, offset, bytes);
            buffer.write(offset, MemorySegment.ofArray(fresh));
        }

        private void hold(TraceStep step, long offset, long bytes) {
            try {
                holders.put(step.hold(), buffer.range(offset, bytes).hold());
            } catch (PagesBusyException busy) {
                if (!step.busy()) {
                    throw busy;
                }
                return;
            }
            expectSuccess(step);
        }

        private void pin(TraceStep step, long offset, long bytes) {
            switch (buffer.range(offset, bytes).tryPin(Pin.longTerm().owner("replay"))) {
                case PinAttempt.Pinned(Pin pin) -> {
                    holders.put(step.hold(), pin);
                    expectSuccess(step);
                }
                case PinAttempt.Refused(Refusal why) -> {
                    if (!step.busy() || !why.isBusy()) {
                        throw why.toException();
                    }
                    catchUp(step);
                }
            }
        }

        private static void expectSuccess(TraceStep step) {
            if (step.busy()) {
                throw new Mismatch("ret=-16 (busy)", "success");
            }
        }

        // Linux stops at the busy page and leaves those before it at home. The rules allow to move
        // none, or all that can move; the pages of the range are then brought to where the trace
        // has them.
        private void catchUp(TraceStep step) {
            ResidencyMap now = buffer.residency();
            for (int page = step.page(); page < step.page() + step.count(); page++) {
                boolean shouldBeOnDevice = step.state().charAt(page) == trace.deviceLetter();
                boolean isOnDevice = now.of(page) == Residency.DEVICE;
                if (isOnDevice && !shouldBeOnDevice) {
                    buffer.range((long) page * PAGE_BYTES, PAGE_BYTES).evict();
                } else if (!isOnDevice && shouldBeOnDevice) {
                    toDevice((long) page * PAGE_BYTES, PAGE_BYTES);
                }
            }
        }

        private String state() {
            return buffer.residency()
                    .toString()
                    .replace(Residency.DEVICE.letter(), trace.deviceLetter());
        }

        private Optional<Difference> bytes() {
            byte[] bytes = new byte[shadow.length];
            buffer.read(0, MemorySegment.ofArray(bytes));
            long at = MemorySegment.ofArray(shadow).mismatch(MemorySegment.ofArray(bytes));
            if (at < 0) {
                return Optional.empty();
            }
            String where = " at byte " + at % PAGE_BYTES + " of page " + at / PAGE_BYTES;
            return Optional.of(new Difference(
                    trace.steps().isEmpty()
                            ? trace.line()
                            : trace.steps().getLast().line(),
                    "all bytes after END",
                    (shadow[(int) at] & 0xff) + where,
                    String.valueOf(bytes[(int) at] & 0xff)));
        }

        private static Optional<Difference> difference(
                TraceStep step, String expected, String got) {
            return Optional.of(new Difference(step.line(), step.text(), expected, got));
        }
    }

    /** A step ended otherwise than recorded. */
    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String expected;
        private final String got;

        Mismatch(String expected, String got) {
            super(expected + " / " + got);
            this.expected = expected;
            this.got = got;
        }
    }
}
