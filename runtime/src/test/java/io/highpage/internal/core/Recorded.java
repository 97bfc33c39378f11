// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.telemetry.Told;

import jdk.jfr.EventSettings;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Events of one runtime that were recorded while something was done. */
final class Recorded {
    private final List<RecordedEvent> events;

    private Recorded(List<RecordedEvent> events) {
        this.events = events;
    }

    /** Something that is done. */
    interface Action {
        void run() throws Exception;
    }

    /**
     * Records events while something is done, all of them, however short.
     *
     * @param names of the kinds, without the prefix
     */
    static Recorded during(PageRuntime runtime, Action action, String... names) throws Exception {
        Path file = Files.createTempFile("events", ".jfr");
        try (Recording recording = new Recording()) {
            for (String name : names) {
                EventSettings settings = recording.enable("io.highpage." + name).withoutThreshold();
                settings.withStackTrace().with("period", "endChunk").with("throttle", "off");
            }
            recording.start();
            Told.look(); // else it may be noticed in the middle
            action.run();
            recording.stop();
            recording.dump(file);
            return new Recorded(of(runtime, file));
        } finally {
            Files.delete(file);
        }
    }

    private static List<RecordedEvent> of(PageRuntime runtime, Path file) {
        try {
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().startsWith("io.highpage."))
                    .filter(event -> event.hasField("runtime"))
                    .filter(event -> runtime.name().equals(event.getString("runtime")))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** {@return those of a kind, in the order in which they began} */
    List<RecordedEvent> all(String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("io.highpage." + name))
                .sorted(java.util.Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    /** {@return the only one of a kind} */
    RecordedEvent only(String name) {
        List<RecordedEvent> found = all(name);
        assertThat(found).as(name).hasSize(1);
        return found.getFirst();
    }

    /** {@return what there is of a kind} */
    int count(String name) {
        return all(name).size();
    }

    /** {@return the fields of an event that it declares itself, but for those given} */
    static Map<String, Object> fields(RecordedEvent event, String... without) {
        List<String> left = List.of(without);
        Map<String, Object> fields = new TreeMap<>();
        event.getFields().forEach(field -> {
            String name = field.getName();
            boolean own = !List.of("startTime", "duration", "eventThread", "stackTrace")
                    .contains(name);
            if (own && !left.contains(name)) {
                fields.put(name, event.getValue(name));
            }
        });
        return fields;
    }
}
