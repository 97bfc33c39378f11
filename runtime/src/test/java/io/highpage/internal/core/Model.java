// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.device.DeviceKind;
import io.highpage.outcome.PageOutcome;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The rules of residency of one buffer, told without the words: where a page is ({@code .} nowhere,
 * {@code H} at home, {@code C} on the coherent device, {@code P} on the private one, {@code c} and
 * {@code p} at home too) and who keeps it.
 */
final class Model {
    final byte[] bytes;
    final int spanPages;
    final char[] place;
    final int[] pins;
    final int[] holds;
    final int[] accesses;
    char preferred; // the device that pages go back to, or 0
    private final BitSet noted = new BitSet(); // pages that a pin has ended on since the last look
    private final BitSet young = new BitSet(); // and between the last two
    final BitSet quiet = new BitSet(); // and before

    Model(int pages, int spanPages) {
        this.spanPages = spanPages;
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

    /** {@return the letter of pages that are at home too} */
    static char both(char device) {
        return Character.toLowerCase(device);
    }

    boolean isBoth(int page) {
        return place[page] == 'c' || place[page] == 'p';
    }

    boolean isAway(int page) {
        return isBoth(page) || place[page] == 'C' || place[page] == 'P';
    }

    /** {@return whether a page is on a device, alone or not} */
    boolean isOn(char device, int page) {
        return place[page] == device || place[page] == both(device);
    }

    // ---- spans, which have memory of a device whole or not at all ----

    int spanFirst(int page) {
        return page / spanPages * spanPages;
    }

    int spanEnd(int page) {
        return Math.min(place.length, spanFirst(page) + spanPages);
    }

    /** {@return whether the span of a page has memory of a device} */
    boolean hasMemory(char device, int page) {
        for (int each = spanFirst(page); each < spanEnd(page); each++) {
            if (isOn(device, each)) {
                return true;
            }
        }
        return false;
    }

    /** {@return whether somebody keeps the span of a page on a device} */
    boolean keptOn(char device, int page) {
        for (int each = spanFirst(page); each < spanEnd(page); each++) {
            if (isOn(device, each) && keeperOnDevice(each) != null) {
                return true;
            }
        }
        return false;
    }

    /** {@return pages of device memory that spans have, or those that somebody keeps there} */
    int memory(char device, boolean keptOnly) {
        int sum = 0;
        for (int page = 0; page < place.length; page = spanEnd(page)) {
            boolean counts = keptOnly ? keptOn(device, page) : hasMemory(device, page);
            sum += counts ? spanEnd(page) - page : 0;
        }
        return sum;
    }

    /** {@return pages of device memory of spans that nobody keeps, less those that are dirty} */
    int clean(char device) {
        int sum = 0;
        for (int page = 0; page < place.length; page++) {
            boolean counts = hasMemory(device, page) && !keptOn(device, page);
            sum += counts && place[page] != device ? 1 : 0;
        }
        return sum;
    }

    /** Makes spans on a device clean that nobody keeps. */
    void writeBack(char device) {
        for (int page = 0; page < place.length; page++) {
            if (place[page] == device && !keptOn(device, page)) {
                place[page] = both(device);
            }
        }
    }

    // ---- going back ----

    void prefer(char device) {
        if (preferred != device) {
            preferHome();
            preferred = device;
        }
    }

    void preferHome() {
        preferred = 0;
        noted.clear();
        young.clear();
        quiet.clear();
    }

    /** A pin has ended. */
    void unpinned(int first, int end) {
        if (preferred != 0) {
            noted.set(first, end);
        }
    }

    /** A look: what was young is quiet. */
    void grow() {
        quiet.or(young);
        quiet.andNot(noted);
        young.clear();
        young.or(noted);
        noted.clear();
    }

    // ---- pages ----

    boolean kept(int page) {
        return pins[page] + holds[page] + accesses[page] > 0;
    }

    /** {@return who keeps a page from going somewhere else} */
    PageOutcome keeper(int page) {
        return pins[page] > 0
                ? PageOutcome.PINNED
                : holds[page] > 0 ? PageOutcome.HELD : PageOutcome.ACCESSED;
    }

    /** {@return who keeps a page from being at home alone, or null} */
    PageOutcome keeperOnDevice(int page) {
        if (!isBoth(page)) {
            return isAway(page) && kept(page) ? keeper(page) : null;
        }
        if (accesses[page] > 0) {
            return PageOutcome.ACCESSED;
        }
        return place[page] == 'c' && holds[page] > 0 ? PageOutcome.HELD : null;
    }

    /** {@return whether the private device has all pages of a range; alone, if it is to be read} */
    private boolean isPrivate(int first, int end, boolean reads) {
        for (int page = first; page < end; page++) {
            if (place[page] != 'P' && (reads || place[page] != 'p')) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@return whether the private device's driver works on a range where it is} What it is to
     * write is on the device alone then, as far as it has come.
     */
    boolean driver(int first, int end, boolean reads) {
        if (!isPrivate(first, end, reads)) {
            return false;
        }
        for (int page = first; page < end; page++) {
            if (kept(page)) {
                return false;
            }
            place[page] = 'P';
        }
        return true;
    }

    /** A hold of a range. {@return the page in the way, or -1} */
    int hold(int first, int end, boolean reads) {
        for (int page = first; page < end; page++) {
            switch (place[page]) {
                case 'C', 'H' -> {}
                case '.' -> place[page] = 'H';
                case 'P' -> {
                    if (kept(page)) {
                        return page;
                    }
                    place[page] = reads ? 'p' : 'H';
                }
                default -> {
                    if (!reads && place[page] == 'c' && pins[page] == 0) {
                        place[page] = 'C';
                    } else if (!reads && keeperOnDevice(page) != null) {
                        return page;
                    } else if (!reads) {
                        place[page] = 'H';
                    }
                }
            }
        }
        return -1;
    }

    /**
     * A copy from here to a range of a model, perhaps this one. {@return the page in the way, or
     * -1}
     */
    int copy(int first, int end, Model target, int targetFirst, int targetEnd) {
        if (target != this && target.isPrivate(targetFirst, targetEnd, false)) {
            int busy = hold(first, end, true);
            if (busy >= 0 || target.driver(targetFirst, targetEnd, false)) {
                return busy;
            }
        }
        if (target != this && isPrivate(first, end, true)) {
            int busy = target.hold(targetFirst, targetEnd, false);
            if (busy >= 0 || driver(first, end, true)) {
                return busy;
            }
        }
        int busy = target.hold(targetFirst, targetEnd, false);
        return busy >= 0 ? busy : hold(first, end, true);
    }

    int pin(int first, int end, boolean reads) {
        for (int page = first; page < end; page++) {
            if (reads && isBoth(page)) {
                continue;
            }
            if (keeperOnDevice(page) != null) {
                return page;
            }
            place[page] = reads && isAway(page) ? both(place[page]) : 'H';
        }
        return -1;
    }

    int access(char device, int first, int end, boolean reads) {
        for (int page = first; page < end; page++) {
            if (place[page] == device || reads && place[page] == both(device)) {
                continue;
            }
            if (place[page] == both(device)) {
                if (pins[page] > 0 || device == 'P' && holds[page] > 0) {
                    return page;
                }
                place[page] = device;
            } else if (kept(page)) {
                return page;
            } else {
                place[page] = reads && place[page] != '.' ? both(device) : device;
            }
        }
        return -1;
    }

    /** {@return what a prefetch of a page says; puts the page there} */
    PageOutcome prefetch(char device, int page) {
        if (place[page] == device || place[page] == both(device)) {
            return PageOutcome.IN_PLACE;
        }
        if (place[page] == 'C' || place[page] == 'P') {
            return PageOutcome.ON_OTHER_DEVICE;
        }
        if (kept(page)) {
            return keeper(page);
        }
        place[page] = place[page] == '.' ? device : both(device);
        return PageOutcome.MOVED;
    }

    /** {@return what an eviction of a page says; puts the page there} */
    PageOutcome evict(int page) {
        if (!isAway(page)) {
            return PageOutcome.IN_PLACE;
        }
        if (keeperOnDevice(page) != null) {
            return keeperOnDevice(page);
        }
        place[page] = 'H';
        return PageOutcome.MOVED;
    }

    String picture() {
        return new String(place);
    }

    /** {@return the picture as {@code Residency} has it, which does not tell devices apart} */
    String residency() {
        return picture().replaceAll("[CcPp]", "D");
    }
}
