// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The windows that have memory of a device, for whoever looks for room. A window gets a seat when
 * it first comes and keeps it until its buffer closes: most of them come and go with every batch,
 * and that is a store each. No lock. Thread-safe.
 */
final class Residents {
    /** Seats of the first row; each other one has twice as many as the one before. */
    private static final int SEATS_FIRST = 64;

    private static final int ROWS = 25; // 2 billion seats

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Seat>> rows =
            new AtomicReferenceArray<>(ROWS);
    private final AtomicInteger made = new AtomicInteger();

    /**
     * The number of a free seat, which has that of the next one, or -1; above it how often that
     * changed, so that a seat which was taken and freed meanwhile is not taken for the same.
     */
    private final AtomicLong free = new AtomicLong(-1);

    /** One window's, until its buffer closes; then it is there for the next one that comes. */
    static final class Seat extends AtomicBoolean {
        private static final long serialVersionUID = 1;

        private final int number;
        private int nextFree; // while it is free; one that was read too late is not used
        private transient volatile @Nullable DeviceWindow window;

        Seat(int number) {
            this.number = number;
        }

        /** The window has memory, or gets or gives some. */
        void come() {
            // ORD release: seen at the latest with the word that says so; pairs with list().
            setRelease(true);
        }

        /** The window has none any more. */
        void go() {
            // ORD release: as come(); pairs with list().
            setRelease(false);
        }
    }

    /** {@return a seat for a window that comes for the first time} */
    Seat seat(DeviceWindow window) {
        Seat seat = reused();
        if (seat == null) {
            seat = added();
        }
        seat.window = window;
        return seat;
    }

    private @Nullable Seat reused() {
        while (true) {
            long top = free.get();
            if ((int) top < 0) {
                return null;
            }
            Seat seat = Objects.requireNonNull(at((int) top));
            // ORD volatile: of two that want it one gets it; pairs with leave().
            if (free.compareAndSet(top, changed(top, seat.nextFree))) {
                return seat;
            }
        }
    }

    private static long changed(long top, int number) {
        return ((top >>> 32) + 1) << 32 | Integer.toUnsignedLong(number);
    }

    private static int row(int number) {
        return 31 - Integer.numberOfLeadingZeros(number / SEATS_FIRST + 1);
    }

    private static int firstOf(int row) {
        return SEATS_FIRST * ((1 << row) - 1);
    }

    private Seat added() {
        // ORD volatile: each gets a number of its own; pairs with itself.
        Seat seat = new Seat(made.getAndIncrement());
        int row = row(seat.number);
        AtomicReferenceArray<@Nullable Seat> seats = rows.get(row);
        if (seats == null) {
            // ORD volatile: one row is made; pairs with itself.
            boolean ignored =
                    rows.compareAndSet(row, null, new AtomicReferenceArray<>(SEATS_FIRST << row));
            seats = Objects.requireNonNull(rows.get(row));
        }
        // ORD volatile: it is complete; pairs with at().
        seats.set(seat.number - firstOf(row), seat);
        return seat;
    }

    /** {@return the seat with a number; null if it is being made, or could not be} */
    private @Nullable Seat at(int number) {
        int row = row(number);
        AtomicReferenceArray<@Nullable Seat> seats = rows.get(row);
        return seats == null ? null : seats.get(number - firstOf(row));
    }

    /** The window of a seat never comes again. Makes nothing. */
    void leave(Seat seat) {
        seat.window = null;
        long top;
        do {
            top = free.get();
            seat.nextFree = (int) top;
            // ORD volatile: whoever takes it finds it empty; pairs with reused().
        } while (!free.compareAndSet(top, changed(top, seat.number)));
    }

    /** {@return the windows that are here; a snapshot} */
    List<DeviceWindow> list() {
        List<DeviceWindow> here = new ArrayList<>();
        int count = made.get();
        for (int number = 0; number < count; number++) {
            Seat seat = at(number);
            // ORD acquire: who has just come or gone is met or missed, as with any snapshot; pairs
            // with come() and go().
            DeviceWindow window = seat != null && seat.getAcquire() ? seat.window : null;
            if (window != null) {
                here.add(window);
            }
        }
        return here;
    }
}
