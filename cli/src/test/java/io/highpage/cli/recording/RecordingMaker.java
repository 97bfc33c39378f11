// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

import jdk.jfr.AnnotationElement;
import jdk.jfr.Event;
import jdk.jfr.EventFactory;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes recordings of what never happened: of events with the names and fields of the real ones.
 * Events have the time at which they are added. Confined to one thread.
 */
public final class RecordingMaker implements AutoCloseable {
    private static final Moment NOW = new Moment(0, 0, "", "");

    private final jdk.jfr.Recording recording = new jdk.jfr.Recording();
    private final Map<Class<?>, Kind> kinds = new HashMap<>();
    private final List<EventFactory> all = new ArrayList<>();

    /** How events are made of records of a kind. */
    private record Kind(EventFactory factory, List<Method> fields) {}

    public RecordingMaker() {
        recording.setToDisk(true);
        recording.start();
    }

    /** {@return the moment of an event to be added, which will be that of the adding} */
    public static Moment now() {
        return NOW;
    }

    /** {@return the moment of an event that takes some time, which passes while it is added} */
    public static Moment taking(Duration time) {
        return new Moment(0, time.toNanos(), "", "");
    }

    /** Adds the event that a record is made of. */
    public void add(Recorded recorded) {
        Kind kind = kinds.computeIfAbsent(recorded.getClass(), any -> kind(recorded));
        Event event = kind.factory().newEvent();
        for (int i = 0; i < kind.fields().size(); i++) {
            event.set(i, value(kind.fields().get(i), recorded));
        }
        commit(event, recorded.when().nanos());
    }

    private Kind kind(Recorded recorded) {
        RecordComponent[] components = recorded.getClass().getRecordComponents();
        List<Method> fields = new ArrayList<>();
        for (RecordComponent each : List.of(components).subList(1, components.length)) {
            each.getAccessor().setAccessible(true);
            fields.add(each.getAccessor());
        }
        String name = "io.highpage." + recorded.getClass().getSimpleName();
        return new Kind(factory(name, fields(recorded)), fields);
    }

    /** Adds an event with any fields. */
    public void add(String name, Map<String, Object> fields) {
        Event event = factory("io.highpage." + name, fields).newEvent();
        int index = 0;
        for (Object value : fields.values()) {
            event.set(index++, value);
        }
        commit(event, 0);
    }

    private static void commit(Event event, long nanos) {
        event.begin();
        if (nanos > 0) {
            for (long begun = System.nanoTime(); System.nanoTime() - begun < nanos; ) {
                Thread.onSpinWait();
            }
        }
        event.commit();
    }

    private static Object value(Method field, Recorded recorded) {
        try {
            return field.invoke(recorded);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@return the fields of the event that a record is made of} */
    public static Map<String, Object> fields(Recorded recorded) {
        Map<String, Object> fields = new LinkedHashMap<>();
        RecordComponent[] components = recorded.getClass().getRecordComponents();
        for (RecordComponent each : List.of(components).subList(1, components.length)) {
            each.getAccessor().setAccessible(true);
            fields.put(each.getName(), value(each.getAccessor(), recorded));
        }
        return fields;
    }

    private EventFactory factory(String name, Map<String, Object> values) {
        List<ValueDescriptor> fields = new ArrayList<>();
        values.forEach((field, value) -> {
            List<AnnotationElement> annotations = field.endsWith("Time") || field.equals("age")
                    ? List.of(new AnnotationElement(Timespan.class, Timespan.NANOSECONDS))
                    : List.of();
            fields.add(new ValueDescriptor(type(value), field, annotations));
        });
        EventFactory made = EventFactory.create(
                List.of(
                        new AnnotationElement(Name.class, name),
                        new AnnotationElement(StackTrace.class, false)),
                fields);
        all.add(made);
        recording.enable(name).withoutThreshold();
        return made;
    }

    private static Class<?> type(Object value) {
        return switch (value) {
            case Long any -> long.class;
            case Integer any -> int.class;
            case Boolean any -> boolean.class;
            case Double any -> double.class;
            default -> String.class;
        };
    }

    /** Ends the chunk that is written and begins another. */
    public void nextChunk() {
        try (jdk.jfr.Recording other = new jdk.jfr.Recording()) {
            other.start();
            other.stop();
        }
    }

    /** Ends the recording. {@return the file, which is given} */
    public Path to(Path file) {
        try {
            recording.stop();
            recording.dump(file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a recording as long as one of a clock that went more slowly. */
    public static void stretch(Path file, int times) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long first = 0;
            for (long at = 0; at < channel.size(); ) {
                ByteBuffer header = ByteBuffer.allocate(Chunks.HEADER_BYTES);
                channel.read(header, at);
                first = at == 0 ? header.getLong(32) : first;
                header.putLong(32, first + (header.getLong(32) - first) * times);
                header.putLong(40, header.getLong(40) * times);
                header.putLong(56, header.getLong(56) / times);
                channel.write(header.rewind(), at);
                at += header.getLong(8);
            }
        }
    }

    @Override
    public void close() {
        recording.close();
        all.forEach(EventFactory::unregister);
    }
}
