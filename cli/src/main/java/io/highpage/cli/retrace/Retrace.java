// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Recording;
import io.highpage.cli.replay.ProgramTrace;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes traces of recordings. */
public final class Retrace {
    private static final String HIGHPAGE = "io.highpage.";
    private static final String MIGRATION = HIGHPAGE + "Migration";
    /** What there is no trace without: with a few of them left out, others would come otherwise. */
    private static final Set<String> NEEDED = Set.of(
            "BufferAllocation", "BufferClose", "Move", "Pin", "Unpin", "Access", "AccessEnd");

    private Retrace() {}

    /**
     * {@return the traces of the runtimes of a recording, which is in memory then}
     *
     * @param recording the recording
     * @throws UserError if it cannot be read, leaves out what a trace needs, or has no operation of
     *     which all is known
     */
    public static Retraced of(Recording recording) {
        Map<String, Boolean> complete = complete(recording.path());
        check(recording, complete);
        boolean allMoves = complete.getOrDefault(MIGRATION, false);
        Map<String, RuntimeTrace> runtimes = new LinkedHashMap<>();
        recording.read(recorded -> runtimes.computeIfAbsent(
                        recorded.runtime(), name -> new RuntimeTrace(name, allMoves))
                .add(recorded));
        List<ProgramTrace> traces = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        recording.cut().ifPresent(notes::add);
        for (RuntimeTrace each : runtimes.values()) {
            if (!each.isEmpty()) {
                traces.add(each.trace());
            }
            notes.addAll(each.notes());
        }
        if (traces.isEmpty()) {
            throw UserError.failed("RECORDING " + recording.path() + " has no operation that can be"
                    + " repeated: buffers must be allocated while it is recorded"
                    + (notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
        }
        return new Retraced(List.copyOf(traces), List.copyOf(notes));
    }

    private static void check(Recording recording, Map<String, Boolean> complete) {
        List<String> left = NEEDED.stream()
                .filter(event -> !complete.getOrDefault(HIGHPAGE + event, true))
                .sorted()
                .toList();
        if (!left.isEmpty()) {
            throw UserError.failed("RECORDING " + recording.path() + " cannot be replayed: the"
                    + " settings that it was made with leave out some or all events "
                    + String.join(", ", left) + "; 'highpage record --settings profile' leaves"
                    + " out nothing");
        }
    }

    /**
     * {@return which events of Highpage the settings of a recording leave nothing out of, by name,
     * as far as the recording tells its settings}
     */
    private static Map<String, Boolean> complete(Path path) {
        Map<String, Boolean> complete = new HashMap<>();
        try (RecordingFile file = new RecordingFile(path)) {
            Map<Long, String> names = new HashMap<>();
            file.readEventTypes().forEach(type -> names.put(type.getId(), type.getName()));
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.ActiveSetting")) {
                    boolean all = !leavesOut(event.getString("name"), event.getString("value"));
                    String name = names.getOrDefault(event.getLong("id"), "");
                    complete.merge(name, all, Boolean::logicalAnd);
                }
            }
        } catch (IOException | RuntimeException cut) {
            return Map.of(); // what can be read of it is found out by the reader
        }
        return complete;
    }

    private static boolean leavesOut(String setting, String value) {
        return switch (setting) {
            case "enabled" -> !value.equals("true");
            case "threshold" -> !value.startsWith("0 ");
            default -> false;
        };
    }
}
