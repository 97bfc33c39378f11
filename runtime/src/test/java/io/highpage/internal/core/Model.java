// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.DeviceKind;

import java.util.Arrays;

/**
 * The rules of residency of one buffer, told without the words: where a page is ({@code .} nowhere,
 * {@code H} at home, {@code C} on the coherent device, {@code P} on the private one) and who keeps
 * it.
 */
final class Model {
    final byte[] bytes;
    final char[] place;
    final int[] pins;
    final int[] holds;
    final int[] accesses;

    Model(int pages) {
        bytes = new byte[pages * Scene.PAGE];
        place = new char[pages];
        Arrays.fill(place, '.');
        pins = new int[pages];
        holds = new int[pages];
        accesses = new int[pages];
    }

    static char letter(DeviceKind kind) {
        return kind == DeviceKind.COHERENT ? 'C' : 'P';
    }

    boolean isAway(int page) {
        return place[page] == 'C' || place[page] == 'P';
    }

    boolean kept(int page) {
        return pins[page] + holds[page] + accesses[page] > 0;
    }

    /** {@return the first page of a range that cannot come home, or -1} */
    int busyAtHome(int first, int end) {
        for (int page = first; page < end; page++) {
            if (isAway(page) && kept(page)) {
                return page;
            }
        }
        return -1;
    }

    /** {@return the first page of a range that cannot come to a device, or -1} */
    private int busyFor(char device, int first, int end) {
        for (int page = first; page < end; page++) {
            if (place[page] != device && kept(page)) {
                return page;
            }
        }
        return -1;
    }

    private boolean isPrivate(int first, int end) {
        for (int page = first; page < end; page++) {
            if (place[page] != 'P') {
                return false;
            }
        }
        return true;
    }

    /** {@return whether the private device's driver works on a range where it is} */
    boolean isForDriver(int first, int end) {
        return isPrivate(first, end) && busyAtHome(first, end) < 0;
    }

    /** A hold of a range. {@return the page in the way, or -1} */
    int hold(int first, int end) {
        for (int page = first; page < end; page++) {
            if (place[page] == 'P' && kept(page)) {
                return page;
            }
            place[page] = place[page] == 'C' ? 'C' : 'H';
        }
        return -1;
    }

    /**
     * A copy from here to a range of a model, perhaps this one. {@return the page in the way, or
     * -1}
     */
    int copy(int first, int end, Model target, int targetFirst, int targetEnd) {
        if (target != this && target.isPrivate(targetFirst, targetEnd)) {
            int busy = hold(first, end);
            if (busy >= 0 || target.isForDriver(targetFirst, targetEnd)) {
                return busy;
            }
        }
        if (target != this && isPrivate(first, end)) {
            int busy = target.hold(targetFirst, targetEnd);
            if (busy >= 0 || isForDriver(first, end)) {
                return busy;
            }
        }
        int busy = hold(first, end);
        return busy >= 0 ? busy : target.hold(targetFirst, targetEnd);
    }

    int pin(int first, int end) {
        int busy = busyAtHome(first, end);
        Arrays.fill(place, first, busy < 0 ? end : busy, 'H');
        return busy;
    }

    int access(char device, int first, int end) {
        int busy = busyFor(device, first, end);
        Arrays.fill(place, first, busy < 0 ? end : busy, device);
        return busy;
    }

    String picture() {
        return new String(place);
    }

    /** {@return the picture as {@code Residency} has it, which does not tell devices apart} */
    String residency() {
        return picture().replace('C', 'D').replace('P', 'D');
    }
}
