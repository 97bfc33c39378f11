// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Budget;
import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a program must not do, chosen at random. Each has one documented exception; that it changed
 * nothing, the run checks after it as after every operation.
 */
final class Misuse {
    private static final long[] ODD = {
        -1, 0, 1, 4095, 4096, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final int CALLS = 11;

    private final ModelRun run;
    private final Choices choices;
    private final Outside outside;
    private PageBuffer buffer; // of the step
    private Device device;

    Misuse(ModelRun run, Outside outside) {
        this.run = run;
        this.choices = run.choices;
        this.outside = outside;
    }

    void any() {
        buffer = run.buffer;
        device = run.device;
        switch (choices.below(10)) {
            case 0 -> badRange();
            case 1 -> nulls();
            case 2 -> closedBuffer();
            case 3 -> closedHolder();
            case 4 -> wrongThread();
            case 5 -> foreignDevice();
            case 6 -> termsForPinsOnly();
            case 7 -> closeWhileOpen();
            case 8 -> budgets();
            default -> badSegment();
        }
    }

    private void expect(Class<? extends Throwable> type, Runnable misuse) {
        Throwable thrown = null;
        try {
            misuse.run();
        } catch (RuntimeException | Error failure) {
            thrown = failure;
        }
        check(type, thrown);
    }

    private void check(Class<? extends Throwable> type, Throwable thrown) {
        if (thrown == null || thrown.getClass() != type) {
            throw new AssertionError(type.getSimpleName() + " expected: " + run.log, thrown);
        }
    }

    /** Calls something with a range; the other side of a copy is any buffer. */
    private void call(PageBuffer on, int which, long from, long bytes) {
        PageBuffer other = run.anyBuffer();
        switch (which) {
            case 0 -> on.range(from, bytes).fill((byte) 1);
            case 1 -> on.range(from, bytes).copyTo(other, 0);
            case 2 -> other.range(0, bytes).copyTo(on, from);
            case 3 -> on.range(from, bytes).residency();
            case 4 -> on.range(from, bytes).prefetch(device);
            case 5 -> on.range(from, bytes).evict();
            case 6 -> on.range(from, bytes).hold();
            case 7 -> on.range(from, bytes).pin(Pin.longTerm());
            case 8 -> on.range(from, bytes).pinPossible(Pin.longTerm());
            case 9 -> on.range(from, bytes).tryPin(Pin.longTerm());
            default -> on.range(from, bytes).access(device, AccessMode.READ_WRITE);
        }
    }

    private void badRange() {
        long size = buffer.byteSize();
        long from =
                choices.below(2) == 0 ? choices.below((int) size) : ODD[choices.below(ODD.length)];
        long bytes = choices.below(2) == 0
                ? size + 1 + choices.below(9000)
                : ODD[choices.below(ODD.length)];
        if (from >= 0 && bytes >= 0 && bytes <= size - from) {
            from = size + 1;
        }
        long badFrom = from;
        int which = choices.below(CALLS);
        run.log.add("  bad range " + from + ", " + bytes + " of call " + which);
        expect(IndexOutOfBoundsException.class, () -> call(buffer, which, badFrom, bytes));
    }

    private void nulls() {
        int which = choices.below(10);
        run.log.add("  null in call " + which);
        expect(NullPointerException.class, () -> {
            switch (which) {
                case 0 -> buffer.read(0, (MemorySegment) null);
                case 1 -> buffer.write(0, (MemorySegment) null);
                case 2 -> buffer.range(0, 1).copyTo(null, 0);
                case 3 -> buffer.prefetch(null);
                case 4 -> buffer.range(0, 1).hold(null);
                case 5 -> buffer.pin(null);
                case 6 -> buffer.range(0, 1).tryPin(null);
                case 7 -> buffer.access(null, AccessMode.READ);
                case 8 -> buffer.access(device, null);
                default -> buffer.range(0, 1).access(null, device);
            }
        });
    }

    private void closedBuffer() {
        int which = choices.below(CALLS + 1);
        run.log.add("  closed buffer in call " + which);
        if (which == CALLS) {
            outside.closedBuffer.close(); // again, which does nothing
            return;
        }
        expect(IllegalStateException.class, () -> call(outside.closedBuffer, which, 0, 1));
    }

    private void closedHolder() {
        if (run.closed == null) {
            return;
        }
        int which = choices.below(3);
        run.log.add("  use " + which + " of " + run.closed + ", which is closed");
        run.closed.close(); // again, which does nothing
        assertThat(run.closed.isOpen()).isFalse();
        expect(IllegalStateException.class, () -> {
            switch (run.closed) {
                case Hold hold when which == 0 -> hold.segment();
                case Hold hold -> hold.pieces();
                case Pin pin when which == 0 -> pin.segment();
                case Pin pin -> pin.verify();
                case DeviceAccess access when which == 0 -> access.segment();
                case DeviceAccess access when which == 1 -> access.handle();
                case DeviceAccess access -> access.completesWith(() -> {});
                default -> throw new AssertionError(run.closed);
            }
        });
    }

    private void wrongThread() {
        Holder confined = run.anyConfined();
        if (confined == null) {
            return;
        }
        boolean touch = confined instanceof Pin && choices.below(2) == 0;
        run.log.add("  wrong thread " + (touch ? "touches " : "closes ") + confined);
        Runnable misuse = touch
                ? () -> {
                    byte ignored = ((Pin) confined).segment().get(ValueLayout.JAVA_BYTE, 0);
                }
                : confined::close;
        check(WrongThreadException.class, outside.elsewhere(misuse));
        assertThat(confined.isOpen()).isTrue();
    }

    private void foreignDevice() {
        boolean access = choices.below(2) == 0;
        run.log.add("  foreign device in " + (access ? "access" : "prefetch"));
        expect(IllegalArgumentException.class, () -> {
            if (access) {
                buffer.range(run.offset, run.byteSize).access(outside.stranger, AccessMode.READ);
            } else {
                buffer.range(run.offset, run.byteSize).prefetch(outside.stranger);
            }
        });
    }

    private void termsForPinsOnly() {
        Terms terms =
                choices.below(2) == 0 ? Pin.longTerm().bare() : Pin.longTerm().pageLocked();
        boolean access = choices.below(2) == 0;
        run.log.add("  terms for pins only in " + (access ? "access" : "hold"));
        expect(IllegalArgumentException.class, () -> {
            if (access) {
                buffer.range(run.offset, run.byteSize).access(terms.mode(AccessMode.READ), device);
            } else {
                buffer.range(run.offset, run.byteSize).hold(terms);
            }
        });
    }

    private void closeWhileOpen() {
        if (run.open.isEmpty()) {
            return;
        }
        boolean all = choices.below(2) == 0;
        PageBuffer kept = run.open.get(choices.below(run.open.size())).buffer();
        run.log.add("  close of " + (all ? "the runtime" : kept) + " with something open");
        expect(IllegalStateException.class, all ? run.runtime::close : kept::close);
        assertThat(kept.isOpen()).isTrue();
    }

    private void budgets() {
        Budget budget = run.groups.any();
        int which = choices.below(8);
        run.log.add("  call " + which + " of " + budget);
        Budget closed = budget.budget("closed", 1);
        closed.close();
        closed.close(); // again, which does nothing
        Class<? extends Throwable> type = which < 4
                ? IllegalArgumentException.class
                : which == 4 ? NullPointerException.class : IllegalStateException.class;
        expect(type, () -> {
            switch (which) {
                case 0 -> budget.hostMemory(-1);
                case 1 -> budget.deviceMemory(device, Long.MIN_VALUE);
                case 2 -> budget.deviceMemory(outside.stranger, 1);
                case 3 -> budget.budget(" ", 1);
                case 4 -> budget.budget(null, 1);
                case 5 -> closed.hostMemory(1);
                case 6 -> closed.allocate(1);
                default -> closed.budget("in it", 1);
            }
        });
        if (budget.parent().isEmpty() || !budget.info().budgets().isEmpty()) {
            expect(IllegalStateException.class, budget::close);
        }
    }

    /**
     * A segment that cannot be copied to or from: the brief hold comes first, and must be given
     * back.
     */
    private void badSegment() {
        boolean write = choices.below(2) == 0;
        run.log.add("  " + (write ? "write from a closed" : "read into a read-only") + " segment");
        MemorySegment readOnly = MemorySegment.ofArray(new byte[run.byteSize]).asReadOnly();
        MemorySegment ended = endedSegment();
        if (run.scarceHome != null) {
            return; // which may be refused first
        }
        int busy = run.model.hold(run.first(), run.end(), !write);
        Class<? extends Throwable> type = busy >= 0
                ? PagesBusyException.class
                : write ? IllegalStateException.class : IllegalArgumentException.class;
        expect(type, () -> {
            if (write) {
                buffer.write(run.offset, ended);
            } else {
                buffer.read(run.offset, readOnly);
            }
        });
        run.adopt();
    }

    /**
     * {@return a segment as long as the range: that of the last holder, a pin that was long enough,
     * or of any arena}
     */
    private MemorySegment endedSegment() {
        if (run.closedSegment != null && run.closedSegment.byteSize() >= run.byteSize) {
            return run.closedSegment.asSlice(0, run.byteSize);
        }
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate(run.byteSize);
        }
    }

    /** The empty segment of an access to private memory. */
    void privateSegment(MemorySegment memory, boolean read) {
        run.log.add("  " + (read ? "read into" : "write from") + " private memory");
        expect(IndexOutOfBoundsException.class, () -> {
            if (read) {
                run.buffer.read(run.offset, memory);
            } else {
                run.buffer.write(run.offset, memory);
            }
        });
    }
}
