// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;

import io.highpage.cli.recording.Recorded;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.recording.RecordingMaker;
import io.highpage.cli.timeline.Part;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is written is read again with Google's library for Protocol Buffers, by the field numbers
 * that Perfetto documents, and put together as Perfetto does it.
 */
class PerfettoExportTest {
    /** Message, field, number and type; those that are used. {@code *} says that it is repeated. */
    private static final String FORM = """
            Trace packet 1 TracePacket*
            TracePacket clock_snapshot 6 ClockSnapshot
            TracePacket timestamp 8 uint64
            TracePacket trusted_packet_sequence_id 10 uint32
            TracePacket track_event 11 TrackEvent
            TracePacket track_descriptor 60 TrackDescriptor
            ClockSnapshot clocks 1 Clock*
            Clock clock_id 1 uint32
            Clock timestamp 2 uint64
            TrackDescriptor uuid 1 uint64
            TrackDescriptor name 2 string
            TrackDescriptor process 3 ProcessDescriptor
            TrackDescriptor parent_uuid 5 uint64
            TrackDescriptor counter 8 CounterDescriptor
            ProcessDescriptor pid 1 int32
            ProcessDescriptor process_name 6 string
            CounterDescriptor unit 3 int32
            TrackEvent debug_annotations 4 DebugAnnotation*
            TrackEvent type 9 int32
            TrackEvent track_uuid 11 uint64
            TrackEvent categories 22 string*
            TrackEvent name 23 string
            TrackEvent counter_value 30 int64
            DebugAnnotation int_value 4 int64
            DebugAnnotation string_value 6 string
            DebugAnnotation name 10 string
            """;

    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final int INSTANT = 3;
    private static final int COUNTER = 4;

    @TempDir
    private Path folder;

    /** A slice, instant or number, with the names of the tracks that it is under. */
    private record Shown(
            String path, String name, long from, long to, Map<String, Object> details) {}

    private final List<Shown> shown = new ArrayList<>();
    private final Map<Long, DynamicMessage> tracks = new HashMap<>();

    private static Descriptor form() throws Exception {
        Map<String, DescriptorProto.Builder> messages = new LinkedHashMap<>();
        FORM.lines()
                .forEach(line -> messages.computeIfAbsent(
                        line.split(" ")[0], name -> DescriptorProto.newBuilder().setName(name)));
        FORM.lines().map(line -> line.split(" ")).forEach(words -> {
            String type = words[3].replace("*", "");
            FieldDescriptorProto.Builder field = FieldDescriptorProto.newBuilder()
                    .setName(words[1])
                    .setNumber(Integer.parseInt(words[2]))
                    .setLabel(words[3].endsWith("*") ? Label.LABEL_REPEATED : Label.LABEL_OPTIONAL);
            if (messages.containsKey(type)) {
                field.setType(Type.TYPE_MESSAGE).setTypeName(type);
            } else {
                field.setType(Type.valueOf("TYPE_" + type.toUpperCase(java.util.Locale.ROOT)));
            }
            messages.get(words[0]).addField(field);
        });
        FileDescriptorProto.Builder file =
                FileDescriptorProto.newBuilder().setName("perfetto").setSyntax("proto2");
        messages.values().forEach(file::addMessageType);
        return FileDescriptor.buildFrom(file.build(), new FileDescriptor[0])
                .findMessageTypeByName("Trace");
    }

    private static Object get(DynamicMessage message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }

    private static boolean has(DynamicMessage message, String field) {
        return message.hasField(message.getDescriptorForType().findFieldByName(field));
    }

    @SuppressWarnings("unchecked")
    private static List<DynamicMessage> all(DynamicMessage message, String field) {
        return (List<DynamicMessage>) get(message, field);
    }

    /** Sorts by time, those of one time as they stand, and pairs begins and ends of each track. */
    private void open(byte[] bytes) throws Exception {
        DynamicMessage trace = DynamicMessage.parseFrom(form(), bytes);
        noUnknown(trace);
        Map<Long, List<DynamicMessage>> byTime = new TreeMap<>();
        for (DynamicMessage packet : all(trace, "packet")) {
            assertThat(get(packet, "trusted_packet_sequence_id")).isEqualTo(1);
            if (has(packet, "track_descriptor")) {
                DynamicMessage track = (DynamicMessage) get(packet, "track_descriptor");
                assertThat(tracks.put((long) get(track, "uuid"), track)).isNull();
            } else if (has(packet, "track_event")) {
                byTime.computeIfAbsent((long) get(packet, "timestamp"), none -> new ArrayList<>())
                        .add((DynamicMessage) get(packet, "track_event"));
            }
        }
        Map<Long, Deque<Object[]>> open = new HashMap<>();
        byTime.forEach((time, events) -> events.forEach(event -> {
            long track = (long) get(event, "track_uuid");
            assertThat(tracks).containsKey(track);
            Deque<Object[]> stack = open.computeIfAbsent(track, none -> new ArrayDeque<>());
            switch ((int) get(event, "type")) {
                case BEGIN -> stack.push(new Object[] {event, time});
                case END -> show(track, stack.pop(), time);
                case INSTANT -> show(track, new Object[] {event, time}, time);
                case COUNTER ->
                    shown.add(new Shown(
                            path(track),
                            "",
                            time,
                            time,
                            Map.of("value", get(event, "counter_value"))));
                default -> throw new AssertionError(event);
            }
        }));
        open.forEach((track, stack) -> stack.forEach(begun -> show(track, begun, Long.MAX_VALUE)));
    }

    private void show(long track, Object[] begun, long end) {
        DynamicMessage event = (DynamicMessage) begun[0];
        Map<String, Object> details = new LinkedHashMap<>();
        for (DynamicMessage each : all(event, "debug_annotations")) {
            details.put(
                    (String) get(each, "name"),
                    get(each, has(each, "int_value") ? "int_value" : "string_value"));
        }
        shown.add(
                new Shown(path(track), (String) get(event, "name"), (long) begun[1], end, details));
    }

    private String path(long track) {
        DynamicMessage it = tracks.get(track);
        if (has(it, "process")) {
            return (String) get((DynamicMessage) get(it, "process"), "process_name");
        }
        return path((long) get(it, "parent_uuid")) + "/" + get(it, "name");
    }

    private static void noUnknown(DynamicMessage message) {
        assertThat(message.getUnknownFields().asMap()).isEmpty();
        message.getAllFields().values().forEach(value -> {
            for (Object each : value instanceof List<?> list ? list : List.of(value)) {
                if (each instanceof DynamicMessage inner) {
                    noUnknown(inner);
                }
            }
        });
    }

    private Shown one(String path, String name) {
        List<Shown> found = shown.stream()
                .filter(each -> each.path().equals(path) && each.name().equals(name))
                .toList();
        assertThat(found).as("%s, %s in %s", path, name, shown).hasSize(1);
        return found.getFirst();
    }

    private static byte[] written(Path... files) throws Exception {
        return written(Part.ALL, files);
    }

    private static byte[] written(Part part, Path... files) throws Exception {
        List<Recording> recordings = new ArrayList<>();
        for (Path file : files) {
            recordings.add(Recording.of(file));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PerfettoExport.write(recordings, part, bytes);
        return bytes.toByteArray();
    }

    private Path recorded(String name) {
        var now = RecordingMaker.now();
        var taking = RecordingMaker.taking(Duration.ofMillis(2));
        try (RecordingMaker maker = new RecordingMaker()) {
            for (Recorded each : List.of(
                    new Recorded.BufferAllocation(now, "r", 1, 8192, 4096, 8192, "root"),
                    new Recorded.Migration(
                            taking,
                            "r",
                            1,
                            "home",
                            "gpu",
                            0,
                            2,
                            4096,
                            4096,
                            1,
                            "prefetch",
                            "driver",
                            5,
                            7,
                            ""),
                    new Recorded.Move(taking, "r", 1, "prefetch", "gpu", 0, 2, 2, ""),
                    new Recorded.Pin(now, "r", 1, 0, 4096, "a \u00e9", "READ", "RUNTIME"),
                    new Recorded.Pin(now, "r", 1, 0, 8192, "b", "READ_WRITE", "RUNTIME"),
                    new Recorded.Rejection(
                            now, "r", 1, "device access", 0, 2, "c", "READ", "gpu", 1, "PINNED"),
                    // Not within each other: one track cannot have both.
                    new Recorded.Unpin(now, "r", 1, 0, 4096, "a \u00e9", "READ", 1000),
                    new Recorded.Wait(taking, "r", 1, "hold", 1, "MOVING"),
                    new Recorded.Unpin(now, "r", 1, 0, 8192, "b", "READ_WRITE", 1000),
                    new Recorded.Access(now, "r", 1, "gpu", 0, 8192, "never ends", "WRITE"),
                    // Taken when pins were not recorded.
                    new Recorded.Unpin(now, "r", 1, 4096, 4096, "quick", "READ", 500),
                    new Recorded.Unpin(now, "r", 1, 4096, 4096, "from before", "READ", 0),
                    new Recorded.Eviction(
                            now, "r", 1, "gpu", 0, 2, 8192, 0, true, "highpage", 0.5, 2, "hold"),
                    new Recorded.BudgetReached(now, "r", "root", "gpu", 10, 20, 30),
                    new Recorded.TierUsage(now, "r", "root", "gpu", 77, 100),
                    new Recorded.TierUsage(now, "r", "root", "home", 78, Long.MAX_VALUE),
                    new Recorded.BufferResidency(now, "r", 1, 8192, "root", "gpu", 4096, 0),
                    new Recorded.BufferClose(now, "r", 1, 8192))) {
                maker.add(each);
            }
            return maker.to(folder.resolve(name));
        }
    }

    @Test
    void everyEvent_isWhereItHappened() throws Exception {
        Path file = recorded("a.jfr");
        open(written(file));

        Shown open = one("r/buffer 1", "open");
        assertThat(open.details()).containsEntry("byteSize", 8192L).containsEntry("budget", "root");
        assertThat(open.to()).isGreaterThan(open.from()).isLessThan(Long.MAX_VALUE);
        Shown moved = one("r/buffer 1/moves", "home to gpu");
        assertThat(moved.details())
                .containsEntry("from", "home")
                .containsEntry("to", "gpu")
                .containsEntry("bytes", 4096L)
                .containsEntry("reason", "prefetch")
                .containsEntry("waitNanos", 5L)
                .doesNotContainKey("failure");
        assertThat(moved.to() - moved.from()).isGreaterThanOrEqualTo(2_000_000);
        assertThat(one("r/buffer 1/asked for", "prefetch").details())
                .containsEntry("movedPages", 2L);
        assertThat(one("r/buffer 1/waits", "hold").details()).containsEntry("reason", "MOVING");
        Shown first = one("r/buffer 1/holders", "pin: a \u00e9");
        Shown second = one("r/buffer 1/holders", "pin: b");
        assertThat(first.from()).isLessThanOrEqualTo(second.from());
        assertThat(first.to()).isLessThan(second.to());
        assertThat(second.details()).containsEntry("mode", "READ_WRITE");
        assertThat(one("r/buffer 1/holders", "access: never ends").to()).isEqualTo(Long.MAX_VALUE);
        Shown quick = one("r/buffer 1/holders", "pin: quick");
        assertThat(quick.to() - quick.from()).isEqualTo(500);
        assertThat(one("r/buffer 1", "device access refused").details())
                .containsEntry("owner", "c")
                .containsEntry("page", 1L);
        assertThat(one("r/buffer 1", "evicted from gpu").details()).containsEntry("clean", "true");
        assertThat(one("r/budgets", "root reached").details()).containsEntry("limitBytes", 30L);
    }

    @Test
    void numbers_haveATrackOfTheirOwn() throws Exception {
        open(written(recorded("a.jfr")));
        assertThat(one("r/gpu of budget root: used", "").details()).containsEntry("value", 77L);
        assertThat(one("r/gpu of budget root: limit", "").details()).containsEntry("value", 100L);
        assertThat(one("r/home of budget root: used", "").details()).containsEntry("value", 78L);
        assertThat(one("r/buffer 1 in gpu", "").details()).containsEntry("value", 4096L);
        assertThat(shown).noneMatch(each -> each.path().equals("r/home of budget root: limit"));
    }

    @Test
    void times_areOfTheDay() throws Exception {
        long before = System.currentTimeMillis();
        Path file = recorded("a.jfr");
        long after = System.currentTimeMillis();
        byte[] bytes = written(file);
        open(bytes);
        assertThat(one("r/buffer 1", "open").from() / 1_000_000).isBetween(before - 1, after);
        DynamicMessage snapshot =
                all(DynamicMessage.parseFrom(form(), bytes), "packet").getFirst();
        assertThat(all((DynamicMessage) get(snapshot, "clock_snapshot"), "clocks"))
                .extracting(clock -> get(clock, "clock_id"))
                .containsExactly(1, 6);
    }

    /** What was there when it began is there, and what had ended is not. */
    @Test
    void part_hasWhatHappenedInIt_andWhatWasThere() throws Exception {
        var now = RecordingMaker.now();
        Path file = folder.resolve("part.jfr");
        try (RecordingMaker maker = new RecordingMaker()) {
            for (long buffer : List.of(1L, 2L)) {
                maker.add(
                        new Recorded.BufferAllocation(now, "r", buffer, 8192, 4096, 8192, "root"));
            }
            for (String owner : List.of("long", "long", "short", "to the end")) {
                maker.add(new Recorded.Pin(now, "r", 1, 0, 4096, owner, "READ", "RUNTIME"));
            }
            for (String owner : List.of("long", "short")) {
                maker.add(new Recorded.Unpin(now, "r", 1, 0, 4096, owner, "READ", 0));
            }
            maker.add(new Recorded.Access(now, "r", 1, "gpu", 0, 4096, "kernel", "READ"));
            maker.add(new Recorded.AccessEnd(now, "r", 1, "gpu", 0, 4096, "kernel", "READ", 0));
            maker.add(new Recorded.BufferClose(now, "r", 2, 8192));
            Thread.sleep(100);
            maker.add(new Recorded.Unpin(now, "r", 1, 0, 4096, "long", "READ", 0));
            Thread.sleep(100);
            maker.add(new Recorded.BufferClose(now, "r", 1, 8192));
            maker.to(file);
        }
        List<Long> ends = new ArrayList<>();
        Recording.of(file).read(each -> ends.add(each.when().end()));
        long middle = ends.get(ends.size() - 2);

        open(written(new Part(middle - 50_000_000, middle + 50_000_000), file));
        assertThat(one("r/buffer 1", "open").to()).isEqualTo(Long.MAX_VALUE);
        Shown held = one("r/buffer 1/holders", "pin: long");
        assertThat(held.to() - held.from()).isGreaterThanOrEqualTo(100_000_000);
        assertThat(one("r/buffer 1/holders", "pin: to the end").to()).isEqualTo(Long.MAX_VALUE);
        assertThat(shown).hasSize(3);
    }

    @Test
    void part_inWhichNothingHappened_hasWhatWasThere() throws Exception {
        var now = RecordingMaker.now();
        Path file = folder.resolve("quiet.jfr");
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add(new Recorded.BufferAllocation(now, "r", 1, 8192, 4096, 8192, "root"));
            Thread.sleep(100);
            maker.to(file);
        }
        List<Long> ends = new ArrayList<>();
        Recording.of(file).read(each -> ends.add(each.when().end()));
        open(written(new Part(ends.getLast() + 50_000_000, Long.MAX_VALUE), file));
        assertThat(one("r/buffer 1", "open").to()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void twoRecordings_beginTogether() throws Exception {
        Path before = recorded("before.jfr");
        Path after = recorded("after.jfr");
        open(written(before, after));
        long apart = one("after.jfr: r/buffer 1", "open").from()
                - one("before.jfr: r/buffer 1", "open").from();
        long started = Duration.between(
                        Recording.of(before).start(), Recording.of(after).start())
                .toNanos();
        assertThat(Math.abs(apart)).isLessThan(started);
    }

    @Test
    void messages_areAsTheLibraryReadsThem() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProtoMessage inner = new ProtoMessage().put(10, "x".repeat(1000)).put(4, -1);
        ProtoMessage event = new ProtoMessage().put(11, Long.MIN_VALUE).put(4, inner);
        ProtoMessage packet = new ProtoMessage().put(8, 300).put(11, event);
        new ProtoMessage().put(1, packet).writeTo(bytes);
        DynamicMessage trace = DynamicMessage.parseFrom(form(), bytes.toByteArray());
        DynamicMessage read = all(trace, "packet").getFirst();
        assertThat(get(read, "timestamp")).isEqualTo(300L);
        DynamicMessage its = (DynamicMessage) get(read, "track_event");
        assertThat(get(its, "track_uuid")).isEqualTo(Long.MIN_VALUE);
        DynamicMessage detail = all(its, "debug_annotations").getFirst();
        assertThat(get(detail, "int_value")).isEqualTo(-1L);
        assertThat((String) get(detail, "name")).hasSize(1000);
    }
}
