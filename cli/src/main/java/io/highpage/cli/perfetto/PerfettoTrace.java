// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/**
 * A trace that Perfetto opens: packets with track events, written as they come. Times are
 * nanoseconds since 1970, of the clock that Perfetto calls BOOTTIME and takes where a packet says
 * nothing; one snapshot says that it is the time of day. All packets are of one sequence and have
 * their names with them, so that each can be read by itself.
 *
 * <p>Perfetto sorts packets by time. Those of one time stay in the order of the file, so that the
 * end of a slice comes before the begin of the next one. Confined to one thread.
 */
final class PerfettoTrace {
    // Field numbers as Perfetto's documentation of TracePacket, TrackDescriptor, TrackEvent,
    // DebugAnnotation, CounterDescriptor and ClockSnapshot has them.
    private static final int TRACE_PACKET = 1;
    private static final int PACKET_CLOCK_SNAPSHOT = 6;
    private static final int PACKET_TIMESTAMP = 8;
    private static final int PACKET_SEQUENCE_ID = 10;
    private static final int PACKET_TRACK_EVENT = 11;
    private static final int PACKET_TRACK_DESCRIPTOR = 60;
    private static final int SNAPSHOT_CLOCKS = 1;
    private static final int CLOCK_ID = 1;
    private static final int CLOCK_TIMESTAMP = 2;
    private static final int REALTIME = 1;
    private static final int BOOTTIME = 6;
    private static final int TRACK_UUID = 1;
    private static final int TRACK_NAME = 2;
    private static final int TRACK_PROCESS = 3;
    private static final int TRACK_PARENT_UUID = 5;
    private static final int TRACK_COUNTER = 8;
    private static final int PROCESS_PID = 1;
    private static final int PROCESS_NAME = 6;
    private static final int COUNTER_UNIT = 3;
    private static final int UNIT_SIZE_BYTES = 3;
    private static final int EVENT_DEBUG_ANNOTATIONS = 4;
    private static final int EVENT_TYPE = 9;
    private static final int EVENT_TRACK_UUID = 11;
    private static final int EVENT_CATEGORIES = 22;
    private static final int EVENT_NAME = 23;
    private static final int EVENT_COUNTER_VALUE = 30;
    private static final int TYPE_SLICE_BEGIN = 1;
    private static final int TYPE_SLICE_END = 2;
    private static final int TYPE_INSTANT = 3;
    private static final int TYPE_COUNTER = 4;
    private static final int ANNOTATION_INT_VALUE = 4;
    private static final int ANNOTATION_STRING_VALUE = 6;
    private static final int ANNOTATION_NAME = 10;

    private static final int SEQUENCE = 1;

    private final OutputStream out;
    private final ProtoMessage trace = new ProtoMessage();
    private final ProtoMessage packet = new ProtoMessage();
    private final ProtoMessage event = new ProtoMessage();
    private final ProtoMessage inner = new ProtoMessage();
    private long tracks;

    /**
     * Begins a trace.
     *
     * @param out takes it; it should buffer, and is not closed
     * @param time some time of it
     */
    PerfettoTrace(OutputStream out, long time) throws IOException {
        this.out = out;
        event.clear();
        for (int clock : new int[] {REALTIME, BOOTTIME}) {
            event.put(
                    SNAPSHOT_CLOCKS, inner.clear().put(CLOCK_ID, clock).put(CLOCK_TIMESTAMP, time));
        }
        packet.clear().put(PACKET_TIMESTAMP, time).put(PACKET_CLOCK_SNAPSHOT, event);
        writePacket();
    }

    /**
     * {@return a new track for a process, which shows as a group}
     *
     * @param pid tells it from others
     * @param name its name
     */
    long process(int pid, String name) throws IOException {
        inner.clear().put(PROCESS_PID, pid).put(PROCESS_NAME, name);
        event.clear().put(TRACK_UUID, ++tracks).put(TRACK_PROCESS, inner);
        return describe();
    }

    /**
     * {@return a new track for slices and instants} Those of one parent and one name show as one,
     * which has as many rows as slices that overlap.
     *
     * @param parent the track that it is under
     * @param name its name
     */
    long track(long parent, String name) throws IOException {
        begin(parent, name);
        return describe();
    }

    /**
     * {@return a new track for numbers of bytes}
     *
     * @param parent the track that it is under
     * @param name its name
     */
    long counter(long parent, String name) throws IOException {
        begin(parent, name);
        event.put(TRACK_COUNTER, inner.clear().put(COUNTER_UNIT, UNIT_SIZE_BYTES));
        return describe();
    }

    private void begin(long parent, String name) {
        event.clear()
                .put(TRACK_UUID, ++tracks)
                .put(TRACK_PARENT_UUID, parent)
                .put(TRACK_NAME, name);
    }

    private long describe() throws IOException {
        packet.clear().put(PACKET_TRACK_DESCRIPTOR, event);
        writePacket();
        return tracks;
    }

    /**
     * Begins a slice. Slices of a track end in the opposite order, so a track is given one at a
     * time, or others within it.
     *
     * @param track the track
     * @param time when
     * @param category what kind of thing it is
     * @param name what it shows as
     * @param details a {@link Number} or text by name
     */
    void begin(long track, long time, String category, String name, Map<String, ?> details)
            throws IOException {
        named(TYPE_SLICE_BEGIN, track, category, name, details);
        write(time);
    }

    /**
     * Ends the last slice of a track that has not ended.
     *
     * @param track the track
     * @param time when
     */
    void end(long track, long time) throws IOException {
        event.clear().put(EVENT_TYPE, TYPE_SLICE_END).put(EVENT_TRACK_UUID, track);
        write(time);
    }

    /** Writes what has no duration; as {@link #begin}. */
    void instant(long track, long time, String category, String name, Map<String, ?> details)
            throws IOException {
        named(TYPE_INSTANT, track, category, name, details);
        write(time);
    }

    /**
     * Writes a number of a track of numbers.
     *
     * @param track the track
     * @param time from when on
     * @param value the number
     */
    void count(long track, long time, long value) throws IOException {
        event.clear()
                .put(EVENT_TYPE, TYPE_COUNTER)
                .put(EVENT_TRACK_UUID, track)
                .put(EVENT_COUNTER_VALUE, value);
        write(time);
    }

    private void named(int type, long track, String category, String name, Map<String, ?> details) {
        event.clear()
                .put(EVENT_TYPE, type)
                .put(EVENT_TRACK_UUID, track)
                .put(EVENT_CATEGORIES, category)
                .put(EVENT_NAME, name);
        details.forEach((key, value) -> {
            inner.clear().put(ANNOTATION_NAME, key);
            if (value instanceof Number number) {
                inner.put(ANNOTATION_INT_VALUE, number.longValue());
            } else {
                inner.put(ANNOTATION_STRING_VALUE, value.toString());
            }
            event.put(EVENT_DEBUG_ANNOTATIONS, inner);
        });
    }

    private void write(long time) throws IOException {
        packet.clear().put(PACKET_TIMESTAMP, time).put(PACKET_TRACK_EVENT, event);
        writePacket();
    }

    private void writePacket() throws IOException {
        packet.put(PACKET_SEQUENCE_ID, SEQUENCE);
        trace.clear().put(TRACE_PACKET, packet).writeTo(out);
    }
}
