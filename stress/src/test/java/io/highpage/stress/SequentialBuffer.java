// SPDX-License-Identifier: Apache-2.0
package io.highpage.stress;

import java.util.Arrays;

/**
 * What {@link ExploredBuffer} does when one thing happens after the other: the rules of residency,
 * without words.
 */
public class SequentialBuffer {

    private enum Place {
        ABSENT,
        HOST,
        DEVICE
    }

    private final Place[] places = new Place[ExploredBuffer.PAGES];
    private final int[] bytes = new int[ExploredBuffer.PAGES];
    private final int[][] pins = new int[ExploredBuffer.THREADS][ExploredBuffer.PAGES];
    private final int[][] holds = new int[ExploredBuffer.THREADS][ExploredBuffer.PAGES];
    private final int[][] accesses = new int[ExploredBuffer.THREADS][ExploredBuffer.PAGES];
    private final int[] wholePins = new int[ExploredBuffer.THREADS];
    private boolean closed;

    /** Makes a buffer of absent pages. */
    public SequentialBuffer() {
        Arrays.fill(places, Place.ABSENT);
    }

    private static int of(int[][] counts, int page) {
        return Arrays.stream(counts).mapToInt(own -> own[page]).sum();
    }

    private boolean isCounted(int page) {
        return of(pins, page) + of(holds, page) + of(accesses, page) > 0;
    }

    private boolean isWholePinned() {
        return Arrays.stream(wholePins).sum() > 0;
    }

    private boolean isStuck(int page) {
        return closed || isCounted(page);
    }

    public boolean pin(int thread, int page) {
        if (closed || places[page] != Place.HOST && isCounted(page)) {
            return false;
        }
        places[page] = Place.HOST;
        pins[thread][page]++;
        return true;
    }

    public boolean hold(int thread, int page) {
        if (closed) {
            return false;
        }
        if (places[page] == Place.ABSENT) {
            places[page] = Place.HOST;
        }
        holds[thread][page]++;
        return true;
    }

    public boolean access(int thread, int page) {
        if (closed || places[page] != Place.DEVICE && (isCounted(page) || isWholePinned())) {
            return false;
        }
        places[page] = Place.DEVICE;
        accesses[thread][page]++;
        return true;
    }

    public boolean unpin(int thread, int page) {
        return release(pins[thread], page);
    }

    public boolean unhold(int thread, int page) {
        return release(holds[thread], page);
    }

    public boolean unaccess(int thread, int page) {
        return release(accesses[thread], page);
    }

    private static boolean release(int[] own, int index) {
        if (own[index] == 0) {
            return false;
        }
        own[index]--;
        return true;
    }

    public boolean pinWhole(int thread) {
        if (closed || !Arrays.stream(places).allMatch(place -> place == Place.HOST)) {
            return false;
        }
        wholePins[thread]++;
        return true;
    }

    public boolean unpinWhole(int thread) {
        return release(wholePins, thread);
    }

    private boolean keeps(int thread, int page) {
        return pins[thread][page] + holds[thread][page] + accesses[thread][page] + wholePins[thread]
                > 0;
    }

    public int read(int thread, int page) {
        return keeps(thread, page) ? bytes[page] : -1;
    }

    public boolean write(int thread, int page, int value) {
        if (!keeps(thread, page)) {
            return false;
        }
        bytes[page] = value;
        return true;
    }

    public boolean moveOut(int page) {
        if (isStuck(page) || isWholePinned() || places[page] == Place.DEVICE) {
            return false;
        }
        places[page] = Place.DEVICE;
        return true;
    }

    public boolean moveHome(int page) {
        if (isStuck(page) || places[page] != Place.DEVICE) {
            return false;
        }
        places[page] = Place.HOST;
        return true;
    }

    public boolean close() {
        boolean open = !closed && !isWholePinned() && !isCounted(0) && !isCounted(1);
        closed |= open;
        return open;
    }
}
