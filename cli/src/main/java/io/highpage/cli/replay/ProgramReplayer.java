// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.cli.replay.ProgramResult.Step;
import io.highpage.cli.replay.ProgramResult.Verdict;
import io.highpage.cli.replay.ProgramStep.Kind;
import io.highpage.cli.replay.ProgramStep.Move;
import io.highpage.cli.replay.ProgramStep.Pages;
import io.highpage.cli.replay.ProgramStep.Result;
import io.highpage.cli.replay.ProgramStep.Take;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.DeviceLostException;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.IntConsumer;

/**
 * Does what a program did, by the public API alone, and compares what came of each step with what
 * came of it then. Goes on behind a difference, so later ones may follow from it. Confined to one
 * thread.
 */
public final class ProgramReplayer {
    private static final int WRITE_BYTES = 1 << 20;

    private final Highpage runtime;
    private final IntConsumer progress;

    /**
     * Makes a replayer.
     *
     * @param runtime a runtime with as many devices as the traces have, of which nobody else has
     *     anything
     * @param progress is told how many steps were made
     */
    public ProgramReplayer(Highpage runtime, IntConsumer progress) {
        this.runtime = runtime;
        this.progress = progress;
    }

    /**
     * Replays a trace in new buffers.
     *
     * @param trace the trace
     * @return what came of it
     * @throws IllegalArgumentException if the trace has more devices than the runtime
     * @throws HighpageException if a buffer cannot be allocated or written
     */
    public ProgramResult replay(ProgramTrace trace) {
        if (trace.devices().size() > runtime.devices().size()) {
            throw new IllegalArgumentException(
                    "the trace has " + trace.devices().size() + " devices, the runtime "
                            + runtime.devices().size());
        }
        try (Arena arena = Arena.ofConfined();
                Run run = new Run(runtime, arena.allocate(WRITE_BYTES))) {
            List<Step> steps = new ArrayList<>(trace.steps().size());
            for (ProgramStep step : trace.steps()) {
                steps.add(run.one(steps.size(), step));
                progress.accept(1);
            }
            return new ProgramResult(trace, List.copyOf(steps));
        }
    }

    /** What came of a step. */
    private record Came(boolean same, String got) {
        static final Came AS_RECORDED = new Came(true, "");
    }

    /** One trace on its way. */
    private static final class Run implements AutoCloseable {
        private final Highpage runtime;
        private final MemorySegment bytes;
        private final Map<Long, PageBuffer> buffers = new HashMap<>();
        private final Map<Integer, Holder> holders = new HashMap<>();

        Run(Highpage runtime, MemorySegment bytes) {
            this.runtime = runtime;
            this.bytes = bytes.fill((byte) 0x5a);
        }

        @Override
        public void close() {
            holders.values().forEach(Holder::close);
            buffers.values().forEach(PageBuffer::close);
        }

        Step one(int number, ProgramStep step) {
            Came came = perform(step);
            Verdict verdict = came.same()
                    ? Verdict.SAME
                    : step.overlaps() ? Verdict.NOT_COMPARED : Verdict.DIFFERENT;
            return new Step(number, step.text(), verdict, came.got());
        }

        private Came perform(ProgramStep step) {
            switch (step) {
                case ProgramStep.Open it -> open(it);
                case ProgramStep.Close it ->
                    Objects.requireNonNull(buffers.remove(it.buffer())).close();
                case ProgramStep.Write it -> {
                    return write(range(it.pages()));
                }
                case ProgramStep.Release it -> {
                    Holder holder = holders.remove(it.hold());
                    if (holder != null) { // else it was not had, which was a difference
                        holder.close();
                    }
                }
                case Move it -> {
                    return move(it);
                }
                case Take it -> {
                    return take(it);
                }
            }
            return Came.AS_RECORDED;
        }

        private void open(ProgramStep.Open it) {
            Allocation how = Allocation.defaults().pageBytes(it.pageBytes());
            if (it.spanBytes() < it.byteSize()) {
                how = how.spanBytes(it.spanBytes());
            }
            buffers.put(it.buffer(), runtime.allocate(it.byteSize(), how));
        }

        private PageRange range(Pages pages) {
            PageBuffer buffer = Objects.requireNonNull(buffers.get(pages.buffer()));
            long from = pages.page() * buffer.pageBytes();
            long to = Math.min(from + pages.count() * buffer.pageBytes(), buffer.byteSize());
            return buffer.range(from, to - from);
        }

        private Came write(PageRange range) {
            try {
                for (long at = 0; at < range.byteSize(); at += WRITE_BYTES) {
                    range.write(at, bytes.asSlice(0, Math.min(WRITE_BYTES, range.byteSize() - at)));
                }
                return Came.AS_RECORDED;
            } catch (PagesBusyException busy) {
                return new Came(false, busy.toString());
            }
        }

        private Came move(Move it) {
            PageRange range = range(it.pages());
            MoveReport report =
                    it.device() == 0 ? range.evict() : range.prefetch(device(it.device()));
            return new Came(
                    report.movedPages() == it.moved(),
                    "moved=" + report.movedPages()
                            + report.failure()
                                    .map(failure -> " (" + failure.getMessage() + ")")
                                    .orElse(""));
        }

        private Device device(int number) {
            return runtime.devices().get(number - 1);
        }

        private Came take(Take it) {
            Result then = it.result();
            Result got = tried(it);
            boolean same = then.refused().equals(got.refused())
                    && then.page() == got.page()
                    && (then.copied().isEmpty() || then.copied().equals(got.copied()));
            return new Came(same, got.toString());
        }

        private Result tried(Take it) {
            long before = copied(it);
            try {
                Holder holder = taken(it, range(it.pages()));
                long copied = copied(it) - before;
                if (it.result().isGranted()) {
                    holders.put(it.hold(), holder);
                } else {
                    holder.close();
                }
                return new Result("", 0, OptionalLong.of(copied), false);
            } catch (PagesBusyException busy) {
                return new Result(busy.reason().name(), busy.page(), OptionalLong.empty(), false);
            } catch (HighpageException failure) {
                return new Result(
                        reason(failure).name(), it.result().page(), OptionalLong.empty(), false);
            }
        }

        /** Of what concerns the range rather than a page of it. */
        private static PageOutcome reason(HighpageException failure) {
            return switch (failure) {
                case OutOfPageMemoryException full ->
                    full.device() ? PageOutcome.NO_DEVICE_MEMORY : PageOutcome.NO_HOST_MEMORY;
                case DeviceLostException lost -> PageOutcome.DEVICE_LOST;
                default -> PageOutcome.COPY_FAILED;
            };
        }

        private Holder taken(Take it, PageRange range) {
            Terms terms = Terms.defaults().mode(it.terms().mode());
            if (!it.terms().owner().isEmpty()) {
                terms = terms.owner(it.terms().owner());
            }
            return switch (it.kind()) {
                case PIN -> range.pin(terms);
                case HOLD -> range.hold(terms);
                case ACCESS -> {
                    DeviceAccess access = range.access(terms, device(it.device()));
                    if (it.terms().mode() != AccessMode.READ) {
                        access.completesWith(() -> {}); // nothing is to be awaited
                    }
                    yield access;
                }
            };
        }

        /** {@return pages that were copied so far to where such a step has them copied} */
        private long copied(Take it) {
            PageBuffer buffer = Objects.requireNonNull(buffers.get(it.pages().buffer()));
            long copied = it.kind() == Kind.ACCESS
                    ? device(it.device()).traffic().bytesIn()
                    : runtime.devices().stream()
                            .mapToLong(device -> device.traffic().bytesOut())
                            .sum();
            return Math.ceilDiv(copied, buffer.pageBytes());
        }
    }
}
