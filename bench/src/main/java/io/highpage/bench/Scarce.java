// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.Terms;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The work of {@link ScarceMix} on one buffer of many spans, on a device that has room for all of
 * them or only for some. Its own threads, and one that uses it.
 */
public final class Scarce extends ScarceMix {
    private static final Terms PATIENT = Terms.defaults().deadline(Duration.ofMinutes(1));
    private static final long PAGE_BYTES = 64 << 10;

    private final ScarceKernels kernels;
    private final Highpage hp;
    private final PageBuffer buffer;
    private final Pin[] pins = new Pin[THREADS];
    private final List<Use> uses = new ArrayList<>(); // by itself

    /**
     * A use by a kernel.
     *
     * @param offset of the first byte
     * @param byteSize of what is used
     * @param mode what is done with it
     */
    public record Use(long offset, long byteSize, AccessMode mode) {}

    private Scarce(String device, int spans, long roomBytes) {
        super(spans);
        kernels = ScarceKernels.on(device);
        hp = Highpage.builder().device(kernels.memory()).deviceMemory(roomBytes).open();
        buffer = hp.allocate(
                spans * SPAN_BYTES,
                Allocation.defaults().pageBytes(PAGE_BYTES).spanBytes(SPAN_BYTES));
        for (int span = 0; span < spans; span++) {
            try (Pin pin = buffer.range(span * SPAN_BYTES, SPAN_BYTES).pin(Pin.longTerm())) {
                fill(pin.segment(), span * SPAN_BYTES);
            }
        }
    }

    /**
     * Opens one whose data is at home.
     *
     * @param device as {@code highpage devices} names it
     * @param spans how much data
     * @param times how many times as much data as device memory; 1 if all of it fits
     * @return the work, to be closed
     */
    public static Scarce open(String device, int spans, int times) {
        return new Scarce(device, spans, spans / times * SPAN_BYTES);
    }

    static void fill(MemorySegment words, long offset) {
        for (long at = 0; at < words.byteSize(); at += Integer.BYTES) {
            words.set(ValueLayout.JAVA_INT, at, (int) ((offset + at) * 0x9e3779b9L >>> 7));
        }
    }

    static String sha256(MemorySegment data) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (long at = 0; at < data.byteSize(); at += SPAN_BYTES) {
                digest.update(data.asSlice(at, SPAN_BYTES).asByteBuffer());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException none) {
            throw new AssertionError(none); // every JDK has it
        }
    }

    // ---- the work ----

    @Override
    public long run(int passes) {
        return super.run(passes);
    }

    @Override
    int sum(int thread, long offset) {
        try (DeviceAccess access = access(offset, SPAN_BYTES, AccessMode.READ)) {
            return kernels.sum(thread, access);
        }
    }

    @Override
    void mix(int thread, long offset) {
        try (DeviceAccess access = access(offset, PART_BYTES, AccessMode.READ_WRITE)) {
            kernels.mix(thread, access);
        }
    }

    private DeviceAccess access(long offset, long byteSize, AccessMode mode) {
        synchronized (uses) {
            uses.add(new Use(offset, byteSize, mode));
        }
        return buffer.range(offset, byteSize).access(PATIENT.mode(mode), hp.device());
    }

    @Override
    int pin(int thread, long offset, boolean change) {
        Terms terms = PATIENT.mode(change ? AccessMode.READ_WRITE : AccessMode.READ);
        pins[thread] = buffer.range(offset, PIECE_BYTES).pin(terms);
        MemorySegment piece = pins[thread].segment();
        int sum = ScarceKernels.sum(piece);
        if (change) {
            piece.set(ValueLayout.JAVA_INT, 0, piece.get(ValueLayout.JAVA_INT, 0) + 1);
        }
        return sum;
    }

    @Override
    void unpin(int thread) {
        if (pins[thread] != null) {
            pins[thread].close();
            pins[thread] = null;
        }
    }

    // ---- what came of it ----

    /** {@return the uses by kernels so far, in the order in which threads began them} */
    public List<Use> uses() {
        synchronized (uses) {
            return List.copyOf(uses);
        }
    }

    /** {@return what has moved to and from the device so far} */
    public DeviceTraffic traffic() {
        return hp.device().traffic();
    }

    /** Brings home all that differs there, and empties the device. */
    public void evict() {
        buffer.evict();
    }

    /** {@return the SHA-256 of all data, which is at home then} */
    String sha256() {
        try (Pin pin = buffer.pin(PATIENT.mode(AccessMode.READ))) {
            return sha256(pin.segment());
        }
    }

    @Override
    public void close() {
        hp.close();
        kernels.close();
    }
}
