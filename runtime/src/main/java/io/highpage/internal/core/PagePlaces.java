// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Device;
import io.highpage.ResidencyMap;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.Residency;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where pages are, one byte each. */
public final class PagePlaces implements ResidencyMap {
    private static final Residency[] VALUES = Residency.values();

    /** A device's number, which is 0 where there is none. */
    private static final int DEVICE_MASK = (1 << PageWord.DEVICE_BITS) - 1;

    /**
     * Above the device's number: which residency. Those without a device share the first value, and
     * have their ordinal where the number would be.
     */
    private static final List<Residency> WITH_DEVICE =
            List.of(Residency.DEVICE, Residency.LOST, Residency.MOVING);

    /** Of a text that somebody may still look at. */
    private static final int LETTERS_MAX = 4096;

    private final long firstPage;
    private final byte[] places;
    private final List<Device> devices;

    /** Starts with all pages absent; {@code devices}: by number, from 1. */
    PagePlaces(long firstPage, int pageCount, List<Device> devices) {
        this.firstPage = firstPage;
        this.places = new byte[pageCount];
        this.devices = devices;
    }

    /** Before it is handed out: notes where the {@code i}-th page is. */
    void put(int i, Residency residency, int device) {
        int kind = WITH_DEVICE.indexOf(residency) + 1;
        places[i] =
                (byte) (kind << PageWord.DEVICE_BITS | (kind == 0 ? residency.ordinal() : device));
    }

    private Residency at(int i) {
        int kind = Byte.toUnsignedInt(places[i]) >>> PageWord.DEVICE_BITS;
        return kind == 0 ? VALUES[places[i]] : WITH_DEVICE.get(kind - 1);
    }

    private int index(long page) {
        return (int) Objects.checkIndex(page - firstPage, (long) places.length);
    }

    @Override
    public long pageCount() {
        return places.length;
    }

    @Override
    public Residency of(long page) {
        return at(index(page));
    }

    @Override
    public Optional<Device> device(long page) {
        int i = index(page);
        int device = places[i] & DEVICE_MASK;
        return WITH_DEVICE.contains(at(i)) && device != 0
                ? Optional.of(devices.get(device - 1))
                : Optional.empty();
    }

    @Override
    public long count(Residency residency) {
        Objects.requireNonNull(residency, "residency");
        long count = 0;
        for (int i = 0; i < places.length; i++) {
            if (at(i) == residency) {
                count++;
            }
        }
        return count;
    }

    @Override
    public String toString() {
        if (places.length > LETTERS_MAX) {
            return runs();
        }
        char[] letters = new char[places.length];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = at(i).letter();
        }
        return new String(letters);
    }

    private String runs() {
        StringBuilder runs = new StringBuilder();
        int start = 0;
        for (int i = 1; i <= places.length; i++) {
            if (i == places.length || at(i) != at(start)) {
                if (runs.length() > LETTERS_MAX) {
                    return runs.append(" and ")
                            .append(places.length - start)
                            .append(" more")
                            .toString();
                }
                runs.append(start == 0 ? "" : " ")
                        .append(i - start)
                        .append(at(start).letter());
                start = i;
            }
        }
        return runs.toString();
    }

    @Override
    public String picture(int width) {
        if (width < 1) {
            throw new IllegalArgumentException("width=" + width + " is below 1");
        }
        char[] letters = new char[Math.min(width, places.length)];
        int[] counts = new int[VALUES.length];
        for (int i = 0; i < letters.length; i++) {
            Arrays.fill(counts, 0);
            int from = (int) ((long) places.length * i / letters.length);
            int to = (int) ((long) places.length * (i + 1) / letters.length);
            for (int page = from; page < to; page++) {
                counts[at(page).ordinal()]++;
            }
            int most = 0;
            for (int kind = 1; kind < counts.length; kind++) {
                if (counts[kind] > counts[most]) {
                    most = kind;
                }
            }
            letters[i] = VALUES[most].letter();
        }
        return new String(letters);
    }
}
