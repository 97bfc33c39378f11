// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Recorded.BufferClose;
import io.highpage.cli.recording.Recorded.TierUsage;
import io.highpage.cli.recording.Recorded.Wait;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class RecordingTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `io\\.highpage\\.(\\w+)` \\|.*\\| ([^|]*) \\|$");

    @TempDir
    Path folder;

    private static List<Recorded> read(Path file) {
        List<Recorded> all = new ArrayList<>();
        Recording.of(file).read(all::add);
        return all;
    }

    /** A recording of five chunks with 1, 0, 2, 0 and 3 events. */
    private Path threeChunks() {
        try (RecordingMaker maker = new RecordingMaker()) {
            for (int chunk = 1; chunk <= 3; chunk++) {
                for (int i = 0; i < chunk; i++) {
                    maker.add(new BufferClose(RecordingMaker.now(), "runtime", chunk * 10 + i, 1));
                }
                if (chunk < 3) {
                    maker.nextChunk();
                }
            }
            return maker.to(folder.resolve("three.jfr"));
        }
    }

    /** {@return a record with a value of its own in each component} */
    private static Recorded sample(Class<?> type, int seed) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 1; i < values.length; i++) {
            Class<?> component = components[i].getType();
            values[i] = component == String.class
                    ? components[i].getName() + seed
                    : component == long.class
                            ? (Object) (1L << 40 | seed + i)
                            : component == int.class
                                    ? (Object) (seed + i)
                                    : component == boolean.class
                                            ? (Object) (seed % 2 == 0)
                                            : (Object) (seed + i / 100.0);
        }
        values[0] = RecordingMaker.now();
        Constructor<?> made = type.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        return (Recorded) made.newInstance(values);
    }

    @Test
    void read_ofEachEvent_isWhatItTold() throws Exception {
        List<Recorded> told = new ArrayList<>();
        for (Class<?> type : Recorded.class.getPermittedSubclasses()) {
            told.add(sample(type, told.size()));
        }
        Path file;
        try (RecordingMaker maker = new RecordingMaker()) {
            told.forEach(maker::add);
            file = maker.to(folder.resolve("each.jfr"));
        }
        List<Recorded> found = read(file);
        assertThat(found.stream().map(RecordingMaker::fields))
                .containsExactlyElementsOf(
                        told.stream().map(RecordingMaker::fields).toList());
        assertThat(found).allSatisfy(each -> {
            assertThat(each.when().thread()).isEqualTo(Thread.currentThread().getName());
            assertThat(each.when().start()).isBetween(0L, Recording.of(file).nanos());
        });
        assertThat(Recording.of(file).cut()).isEmpty();
    }

    @Test
    void records_areTheEventsOfTheDocuments() throws IOException {
        Map<String, List<String>> told = new TreeMap<>();
        ROW.matcher(Files.readString(Path.of("../docs/telemetry.md")))
                .results()
                .forEach(row -> told.put(
                        row.group(1), sorted(row.group(2).replaceAll("`| \\w+(?=,|$)", ""))));
        told.remove("FaultInjected"); // of tests, and of no runtime: it is not read
        Map<String, List<String>> found = Stream.of(Recorded.class.getPermittedSubclasses())
                .collect(Collectors.toMap(
                        Class::getSimpleName,
                        type -> Arrays.stream(type.getRecordComponents())
                                .skip(1)
                                .map(RecordComponent::getName)
                                .sorted()
                                .toList()));
        assertThat(new TreeMap<>(found)).isEqualTo(told);
    }

    /** They are read by their names. */
    private static List<String> sorted(String fields) {
        return Stream.of(fields.split(", ")).sorted().toList();
    }

    @Test
    void read_ofSeveralThreadsAndChunks_isInOrderOfTime() throws Exception {
        Path file;
        try (RecordingMaker maker = new RecordingMaker()) {
            for (int round = 0; round < 40; round++) {
                BufferClose next = new BufferClose(RecordingMaker.now(), "", round, 1);
                Thread other = new Thread(() -> maker.add(next));
                other.start();
                other.join();
                maker.add(new BufferClose(RecordingMaker.now(), "", 100 + round, 1));
                if (round == 20) {
                    maker.nextChunk();
                }
            }
            file = maker.to(folder.resolve("order.jfr"));
        }
        List<Recorded> found = read(file);
        assertThat(found).hasSize(80);
        assertThat(found.stream().map(each -> each.when().end())).isSorted();
    }

    @Test
    void read_ofAnEventThatTakesTime_tellsHowLong() {
        Path file;
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add(new Wait(
                    RecordingMaker.taking(Duration.ofMillis(20)), "r", 1, "pin", 2, "PINNED"));
            file = maker.to(folder.resolve("time.jfr"));
        }
        assertThat(read(file))
                .singleElement()
                .satisfies(each -> assertThat(each.when().nanos()).isGreaterThan(20_000_000));
    }

    @Test
    void read_ofACutRecording_isWhatIsWhole() throws IOException {
        Path whole = threeChunks();
        byte[] bytes = Files.readAllBytes(whole);
        List<Long> ends = new ArrayList<>(List.of(0L));
        while (ends.getLast() < bytes.length) {
            ends.add(ends.getLast() + ByteBuffer.wrap(bytes).getLong((int) (ends.getLast() + 8)));
        }
        assertThat(ends).hasSize(6);
        TreeSet<Integer> cuts = new TreeSet<>();
        ends.forEach(end -> {
            for (int at : new int[] {-1, 0, 1, 4, 7, 16, 67, 68, 69}) {
                cuts.add((int) (end + at));
            }
        });
        new Random(1).ints(40, 0, bytes.length).forEach(cuts::add);
        Path cut = folder.resolve("cut.jfr");
        for (int at : cuts.subSet(1, bytes.length)) {
            Files.write(cut, Arrays.copyOf(bytes, at));
            int chunks = (int) ends.stream().filter(end -> end > 0 && end <= at).count();
            if (chunks == 0) {
                assertThatThrownBy(() -> Recording.of(cut))
                        .as("cut at %d", at)
                        .isInstanceOf(UserError.class)
                        .hasMessageContaining("cut off after " + at + " bytes");
            } else {
                int[] events = {0, 1, 1, 3, 3, 6};
                assertThat(read(cut)).as("cut at %d", at).hasSize(events[chunks]);
                boolean between = ends.contains((long) at);
                assertThat(Recording.of(cut).cut().isPresent()).isEqualTo(!between);
            }
        }
        try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left)
                    .noneMatch(file -> file.getFileName().toString().matches("highpage.*jfr"));
        }
    }

    @Test
    void read_ofAProgramThatWasKilled_isWhatWasWritten() throws IOException {
        Path file = threeChunks();
        long last = 0;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int chunk = 1; chunk < 5; chunk++) {
                ByteBuffer size = ByteBuffer.allocate(8);
                channel.read(size, last + 8);
                last += size.getLong(0);
            }
            channel.write(ByteBuffer.wrap(new byte[] {3}), last + Chunks.STATE_AT);
            channel.write(ByteBuffer.wrap(new byte[1000]), channel.size());
        }
        assertThat(read(file)).hasSize(6);
        assertThat(Recording.of(file).cut())
                .hasValueSatisfying(cut -> assertThat(cut).contains("the program ended before"));
    }

    @Test
    void read_ofDamagedBytes_endsInWords() throws IOException {
        byte[] bytes = Files.readAllBytes(threeChunks());
        Path damaged = folder.resolve("damaged.jfr");
        int failed = 0;
        for (int seed = 0; seed < 60; seed++) {
            byte[] copy = bytes.clone();
            Random random = new Random(seed);
            for (int i = 0; i < 200; i++) {
                copy[68 + random.nextInt(copy.length - 68)] = (byte) random.nextInt();
            }
            Files.write(damaged, copy);
            try {
                read(damaged);
            } catch (UserError inWords) {
                failed++;
            }
        }
        assertThat(failed).isPositive();
    }

    @Test
    void read_ofEventsWithMoreFields_leavesThemOut() {
        Map<String, Object> fields =
                RecordingMaker.fields(new TierUsage(RecordingMaker.now(), "r", "b", "home", 1, 2));
        fields.put("colour", "red");
        Path file;
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add("TierUsage", fields);
            maker.add("Invented", Map.of("some", 1L));
            file = maker.to(folder.resolve("more.jfr"));
        }
        assertThat(read(file))
                .singleElement()
                .isInstanceOfSatisfying(
                        TierUsage.class, found -> assertThat(found.limitBytes()).isEqualTo(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "text"})
    void read_ofAnotherVersion_namesEventAndField(String kind) {
        Map<String, Object> fields =
                RecordingMaker.fields(new TierUsage(RecordingMaker.now(), "r", "b", "home", 1, 2));
        fields.remove("usedBytes");
        if (kind.equals("text")) {
            fields.put("usedBytes", "much");
        }
        Path file;
        try (RecordingMaker maker = new RecordingMaker()) {
            maker.add("TierUsage", fields);
            file = maker.to(folder.resolve("less.jfr"));
        }
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContainingAll("io.highpage.TierUsage", "'usedBytes'", "version");
    }

    @Test
    void read_ofAnotherProgram_saysHowToRecord() {
        Path file;
        try (RecordingMaker maker = new RecordingMaker()) {
            file = maker.to(folder.resolve("none.jfr"));
        }
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContainingAll(
                        file.toString(), "highpage record -- COMMAND", "-XX:StartFlightRecording");
    }

    @Test
    void of_whatIsNoRecording_endsInWords() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "FL and no more of it");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        Path newer = folder.resolve("newer.jfr");
        byte[] bytes = Files.readAllBytes(threeChunks());
        bytes[5] = 3;
        Files.write(newer, bytes);
        Map.of(
                        text,
                        "not a recording of the JDK's flight recorder",
                        empty,
                        "it is empty",
                        newer,
                        "version 3.1",
                        folder,
                        "it is a folder",
                        folder.resolve("none"),
                        "no such file",
                        Path.of("/dev/null"),
                        "not a regular file")
                .forEach((file, words) -> assertThatThrownBy(() -> Recording.of(file))
                        .isInstanceOf(UserError.class)
                        .hasMessageStartingWith("cannot read RECORDING " + file + ": ")
                        .hasMessageContaining(words));
    }

    @Test
    void of_whatMayNotBeRead_endsInWords() throws IOException {
        Path file = threeChunks();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(file), "the superuser may read every file");
        assertThatThrownBy(() -> Recording.of(file)).hasMessageContaining("permission denied");
    }
}
