// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import java.util.Arrays;

/** The rules of residency, told without the words: what a page is and who keeps it. */
final class Model {
    final boolean coherent;
    final byte[] bytes;
    final char[] place;
    final int[] pins;
    final int[] holds;
    final int[] accesses;

    Model(boolean coherent, int pages) {
        this.coherent = coherent;
        bytes = new byte[pages * Scene.PAGE];
        place = new char[pages];
        Arrays.fill(place, '.');
        pins = new int[pages];
        holds = new int[pages];
        accesses = new int[pages];
    }

    boolean kept(int page) {
        return pins[page] + holds[page] + accesses[page] > 0;
    }

    /** {@return the first page of a range that cannot come home, or -1} */
    int busyAtHome(int first, int end) {
        for (int page = first; page < end; page++) {
            if (place[page] == 'D' && kept(page)) {
                return page;
            }
        }
        return -1;
    }

    int busyOnDevice(int first, int end) {
        for (int page = first; page < end; page++) {
            if (place[page] == 'H' && kept(page)) {
                return page;
            }
        }
        return -1;
    }

    /** {@return whether the device's driver works on a range where it is} */
    boolean isForDriver(int first, int end) {
        for (int page = first; page < end; page++) {
            if (place[page] != 'D' || kept(page)) {
                return false;
            }
        }
        return !coherent;
    }

    /** A hold of a range. {@return the page in the way, or -1} */
    int hold(int first, int end) {
        int busy = coherent ? -1 : busyAtHome(first, end);
        for (int page = first; page < (busy < 0 ? end : busy); page++) {
            if (place[page] == '.' || !coherent) {
                place[page] = 'H';
            }
        }
        return busy;
    }

    int pin(int first, int end) {
        int busy = busyAtHome(first, end);
        Arrays.fill(place, first, busy < 0 ? end : busy, 'H');
        return busy;
    }

    int access(int first, int end) {
        int busy = busyOnDevice(first, end);
        Arrays.fill(place, first, busy < 0 ? end : busy, 'D');
        return busy;
    }

    String picture() {
        return new String(place);
    }
}
