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
        DEVICE,
        BOTH
    }

    private final Place[] places = new Place[ExploredBuffer.PAGES];
    private final int[] bytes = new int[ExploredBuffer.PAGES];
    private final int[][] pins = new int[ExploredBuffer.THREADS][ExploredBuffer.PAGES];
    private final int[][] readPins = new int[ExploredBuffer.THREADS][ExploredBuffer.PAGES];
    private final int[][] readAccesses = new int[ExploredBuffer.THREADS][ExploredBuffer.PAGES];
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
        return isPinned(page) || isUsedOnDevice(page);
    }

    private boolean isPinned(int page) {
        return of(pins, page) + of(readPins, page) > 0;
    }

    /** Who keeps a page in both places from being at home alone; or a page anywhere. */
    private boolean isUsedOnDevice(int page) {
        return of(holds, page) + of(accesses, page) + of(readAccesses, page) > 0;
    }

    private boolean isKeptFromHome(int page) {
        return switch (places[page]) {
            case HOST -> false;
            case BOTH -> isUsedOnDevice(page);
            default -> isCounted(page);
        };
    }

    private boolean isWholePinned() {
        return Arrays.stream(wholePins).sum() > 0;
    }

    private boolean isStuck(int page) {
        return closed || isCounted(page);
    }

    public boolean pin(int thread, int page) {
        if (closed || isKeptFromHome(page)) {
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
        if (places[page] == Place.BOTH) {
            if (isPinned(page) && isUsedOnDevice(page)) {
                return false;
            }
            places[page] = isPinned(page) ? Place.HOST : Place.DEVICE;
        }
        if (places[page] == Place.ABSENT) {
            places[page] = Place.HOST;
        }
        holds[thread][page]++;
        return true;
    }

    public boolean access(int thread, int page) {
        boolean there = places[page] == Place.DEVICE || places[page] == Place.BOTH;
        if (closed || !there && (isCounted(page) || isWholePinned())) {
            return false;
        }
        if (places[page] == Place.BOTH && isPinned(page)) {
            return false;
        }
        places[page] = Place.DEVICE;
        accesses[thread][page]++;
        return true;
    }

    public boolean readPin(int thread, int page) {
        if (closed || places[page] != Place.HOST && places[page] != Place.BOTH) {
            return false;
        }
        readPins[thread][page]++;
        return true;
    }

    public boolean unreadPin(int thread, int page) {
        return release(readPins[thread], page);
    }

    public boolean readAccess(int thread, int page) {
        if (closed || places[page] != Place.DEVICE && places[page] != Place.BOTH) {
            return false;
        }
        readAccesses[thread][page]++;
        return true;
    }

    public boolean unreadAccess(int thread, int page) {
        return release(readAccesses[thread], page);
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
        boolean reads = readPins[thread][page] + readAccesses[thread][page] > 0;
        return reads || keeps(thread, page) ? bytes[page] : -1;
    }

    public boolean write(int thread, int page, int value) {
        if (!keeps(thread, page)) {
            return false;
        }
        bytes[page] = value;
        return true;
    }

    public boolean moveOut(int page) {
        boolean there = places[page] == Place.DEVICE || places[page] == Place.BOTH;
        if (isStuck(page) || isWholePinned() || there) {
            return false;
        }
        places[page] = places[page] == Place.HOST ? Place.BOTH : Place.DEVICE;
        return true;
    }

    public boolean moveHome(int page) {
        boolean there = places[page] == Place.DEVICE || places[page] == Place.BOTH;
        if (closed || !there || isKeptFromHome(page)) {
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
