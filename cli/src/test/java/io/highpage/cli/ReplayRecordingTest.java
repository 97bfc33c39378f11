// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.device.Devices;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.PagesBusyException;
import io.highpage.outcome.Terms;

import jdk.jfr.Configuration;
import jdk.jfr.Recording;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Programs that were recorded come to the same when they are replayed. */
class ReplayRecordingTest {
    private static final int PAGE = 4096;
    private static final int SPAN = 2 << 20;

    @TempDir
    private Path folder;

    private interface Program {
        void run(Highpage runtime);
    }

    /** As {@code highpage record --settings profile} makes it. */
    private static Recording ofEverything() throws IOException {
        String file = "/META-INF/highpage/highpage-profile.jfc";
        try (Reader settings = new InputStreamReader(
                Highpage.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
            return new Recording(Configuration.create(settings));
        } catch (ParseException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private Path recorded(String device, long memory, Program... programs) throws IOException {
        Path file = folder.resolve("program.jfr");
        Files.deleteIfExists(file);
        try (Recording recording = ofEverything()) {
            recording.start();
            for (Program program : programs) {
                try (Highpage runtime = Highpage.builder()
                        .device(Devices.named(device).open())
                        .deviceMemory(memory)
                        .open()) {
                    program.run(runtime);
                }
            }
            recording.stop();
            recording.dump(file);
        }
        return file;
    }

    private static PageBuffer written(Highpage runtime, long bytes) {
        PageBuffer buffer =
                runtime.allocate(bytes, Allocation.defaults().pageBytes(PAGE).spanBytes(SPAN));
        buffer.fill((byte) 1);
        return buffer;
    }

    private static void use(PageBuffer buffer, long offset, Device device, AccessMode mode) {
        try (DeviceAccess access = buffer.range(offset, SPAN).access(device, mode)) {
            access.completesWith(() -> {});
        }
    }

    /** Some of everything, with room for all of it. */
    private static void everything(Highpage runtime) {
        Device device = runtime.device();
        PageBuffer buffer = written(runtime, 2 * SPAN);
        buffer.prefetch(device);
        Pin pin = buffer.range(10 * PAGE, 20 * PAGE).pin(Pin.longTerm().owner("an owner"));
        Pin reader = buffer.range(100 * PAGE + 7, PAGE)
                .pin(Pin.longTerm().owner("r\u00e9ader").mode(AccessMode.READ));
        assertThatThrownBy(() -> buffer.range(0, SPAN).access(device, AccessMode.READ_WRITE))
                .isInstanceOf(PagesBusyException.class);
        use(buffer, SPAN, device, AccessMode.READ_WRITE);
        buffer.prefetch(device);
        pin.close();
        buffer.range(5 * PAGE, 40 * PAGE).prefetch(device);
        try (DeviceAccess access = buffer.range(SPAN, SPAN).access(device, AccessMode.READ)) {
            buffer.evict();
            assertThatThrownBy(() -> buffer.range(SPAN, PAGE).pin(Pin.longTerm()))
                    .isInstanceOf(PagesBusyException.class);
        }
        buffer.range(SPAN + PAGE, 3 * PAGE).hold().close();
        buffer.range(SPAN + 8 * PAGE, PAGE).read(0, new byte[PAGE]);
        buffer.range(SPAN, SPAN).evict();
        reader.close();
        buffer.prefetch(device);
        buffer.evict();
        buffer.close();
        PageBuffer never = runtime.allocate(16 * PAGE, PAGE);
        never.prefetch(device);
        never.evict();
    }

    /** Three spans' room for six. */
    private static void scarce(Highpage runtime) {
        Device device = runtime.device();
        PageBuffer buffer = written(runtime, 6 * SPAN);
        for (int round = 0; round < 3; round++) {
            for (int span = 0; span < 6; span++) {
                AccessMode mode = span % 2 == 0 ? AccessMode.READ : AccessMode.READ_WRITE;
                use(buffer, (long) span * SPAN, device, mode);
            }
        }
        DeviceAccess one = buffer.range(0, SPAN).access(device, AccessMode.READ);
        DeviceAccess two = buffer.range(SPAN, SPAN).access(device, AccessMode.WRITE);
        DeviceAccess three = buffer.range(2 * SPAN, SPAN).access(device, AccessMode.READ_WRITE);
        assertThatThrownBy(() -> buffer.range(3 * SPAN, SPAN).access(device, AccessMode.READ_WRITE))
                .isInstanceOf(OutOfPageMemoryException.class);
        for (DeviceAccess each : List.of(one, two, three)) {
            each.completesWith(() -> {});
            each.close();
        }
        buffer.prefetch(device);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "host-private"})
    void everythingComesToTheSame(String device) throws IOException {
        Path file = recorded(device, Long.MAX_VALUE, ReplayRecordingTest::everything);
        Cli result = Cli.run("replay", "--from", file, "--steps");
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.out())
                .contains(
                        "mode=read_write owner=an+owner ret=0",
                        "mode=read owner=r%C3%A9ader ret=0",
                        "ret=PINNED at=10': as recorded",
                        "ret=ACCESSED at=512': as recorded",
                        " 0 different, 0 not compared")
                .doesNotContain("got ");
        assertThat(result.lastLine()).isEqualTo("1 passed, 0 failed");
    }

    @Test
    void whoLeavesAFullDeviceIsTheSame() throws IOException {
        Path file = recorded("host-private", 3 * SPAN, ReplayRecordingTest::scarce);
        Cli result = Cli.run("replay", "--from", file, "--steps", "--device-memory", "6M");
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.out()).contains("ret=NO_DEVICE_MEMORY at=", " 0 different, ");
    }

    /** Pins, accesses, prefetches and evictions of any ranges, in any mode, refused or not. */
    private static Program any(Random random) {
        return runtime -> {
            Device device = runtime.device();
            PageBuffer buffer = runtime.allocate(
                    4 * SPAN, Allocation.defaults().pageBytes(SPAN / 8).spanBytes(SPAN));
            if (random.nextBoolean()) {
                buffer.fill((byte) 1);
            }
            List<Holder> holders = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                int page = random.nextInt(32);
                int span = page / 8;
                int count = 1 + random.nextInt(8 - page % 8);
                PageRange range =
                        buffer.range((long) page * buffer.pageBytes(), count * buffer.pageBytes());
                // What is refused is told without its mode, and may have moved pages before.
                AccessMode mode = holders.isEmpty()
                        ? AccessMode.values()[random.nextInt(3)]
                        : AccessMode.READ_WRITE;
                Terms terms = Terms.defaults().mode(mode).owner("step " + step);
                switch (random.nextInt(6)) {
                    case 0 -> range.prefetch(device);
                    case 1 -> range.evict();
                    case 2 -> tried(holders, () -> range.pin(terms));
                    case 3 ->
                        tried(
                                holders,
                                () -> buffer.range((long) span * SPAN, SPAN).access(terms, device));
                    default -> {
                        if (!holders.isEmpty()) {
                            holders.remove(random.nextInt(holders.size())).close();
                        }
                    }
                }
            }
            holders.forEach(Holder::close);
        };
    }

    private static void tried(List<Holder> holders, Supplier<? extends Holder> taking) {
        try {
            Holder holder = taking.get();
            if (holder instanceof DeviceAccess access) {
                access.completesWith(() -> {});
            }
            holders.add(holder);
        } catch (HighpageException refused) {
            // It will be refused again.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "host, 9223372036854775807",
        "host-private, 9223372036854775807",
        "host-private, 4194304"
    })
    void anyProgramComesToTheSame(String device, long memory) throws IOException {
        int seed = Integer.getInteger("highpage.seed", new Random().nextInt());
        Program[] programs = IntStream.range(seed, seed + 12)
                .mapToObj(each -> any(new Random(each)))
                .toArray(Program[]::new);
        Path file = recorded(device, memory, programs);
        Cli result = Cli.run("replay", "--from", file, "--device-memory", memory);
        assertThat(result.exitCode()).as("seed %s: %s", seed, result).isZero();
        assertThat(result.lastLine()).isEqualTo("12 passed, 0 failed");
    }

    @Test
    void aTraceIsKeptAndScaledDownAndTellsWhatHasChanged() throws IOException {
        Path file = recorded("host-private", Long.MAX_VALUE, runtime -> {
            PageBuffer buffer = runtime.allocate(64 << 16, 1 << 16);
            buffer.fill((byte) 1);
            buffer.range(0, 10 << 16).prefetch(runtime.device());
            try (Pin pin = buffer.range(5 << 16, 1 << 16).pin(Pin.longTerm())) {
                buffer.range(0, 10 << 16).evict();
            }
        });
        Path trace = folder.resolve("program.trace");
        Cli saved = Cli.run("replay", "--from", file, "--save", trace);
        assertThat(saved.exitCode()).as("%s", saved).isZero();
        assertThat(Files.readString(trace)).contains("PROGRAM version=1 ", " moved=9\n");
        assertThat(Cli.run("replay", trace, "--scale", "16").exitCode()).isZero();
        Cli.run("replay", trace, "--scale", "32")
                .fails(2, "--scale 32: buffer ", "65536 bytes, which can be 16 times smaller");
        Cli.run("replay", trace, "--scale", "3").fails(2, "--scale 3 is no power of two");

        Files.writeString(trace, Files.readString(trace).replace(" moved=9\n", " moved=8\n"));
        Cli otherwise = Cli.run("replay", trace);
        assertThat(otherwise.exitCode()).isEqualTo(1);
        assertThat(otherwise.out()).contains("moved=8': got moved=9\n", " 1 different, ");
        assertThat(otherwise.lastLine()).isEqualTo("0 passed, 1 failed");
        assertThat(Cli.run("replay", trace, "--json")
                        .json()
                        .at("/programs/0/shown/0/got")
                        .asText())
                .isEqualTo("moved=9");
    }

    @Test
    void accessesAreForTheSimulatorOfPolicies() throws IOException {
        Path file = recorded("host-private", 3 * SPAN, ReplayRecordingTest::scarce);
        Path accesses = folder.resolve("accesses.trace");
        Cli result =
                Cli.run("replay", "--from", file, "--accesses", accesses, "--device-memory=6M");
        assertThat(result.exitCode()).as("%s", result).isZero();
        String round = "read 0\nmodify 1\nread 2\nmodify 3\nread 4\nmodify 5\n";
        assertThat(Files.readString(accesses))
                .startsWith("highpage-accesses 1\nmemory 6291456\nspans 6 2097152\n" + round + round
                        + round + "read 0\nwrite 1\nmodify 2\n");
    }

    @Test
    void threadsAtTheSamePagesAreTold() throws IOException {
        Path file = recorded("host-private", Long.MAX_VALUE, runtime -> {
            PageBuffer buffer = written(runtime, SPAN);
            Thread other = new Thread(() -> {
                for (int i = 0; i < 20; i++) {
                    buffer.evict();
                }
            });
            other.start();
            for (int i = 0; i < 20; i++) {
                buffer.prefetch(runtime.device());
            }
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        Cli result = Cli.run("replay", "--from", file);
        assertThat(result.exitCode()).as("%s", result).isIn(0, 1); // as the threads happened to be
        assertThat(result.out()).contains(" as recorded, ");
    }

    @Test
    void aRecordingThatLeavesOutWhatIsQuickIsRefused() throws IOException {
        Path file = folder.resolve("some.jfr");
        try (Recording recording = ofEverything()) {
            recording.enable("io.highpage.Pin").withThreshold(Duration.ofMillis(1));
            recording.disable("io.highpage.AccessEnd");
            recording.start();
            try (Highpage runtime =
                    Highpage.builder().device(Devices.named("host").open()).open()) {
                runtime.allocate(PAGE, PAGE);
            }
            recording.stop();
            recording.dump(file);
        }
        Cli.run("replay", "--from", file)
                .fails(1, "leave out some or all events AccessEnd, Pin;", "--settings profile");
    }

    @Test
    void whatCannotBeReplayedIsToldInWords() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.jfr"));
        Path text = Files.writeString(folder.resolve("text.jfr"), "no recording, but long enough");
        Cli.run("replay", "--from", empty).fails(1, "empty.jfr", "it is empty");
        Cli.run("replay", "--from", text).fails(1, "text.jfr", "not a recording");
        Cli.run("replay", "--from", folder.resolve("no.jfr")).fails(1, "no such file");
        Cli.run("replay").fails(2, "either FILE, or --from RECORDING");
        Cli.run("replay", "--from", text, text).fails(2, "either FILE, or --from RECORDING");
        Cli.run("replay", text, "--save", folder.resolve("x")).fails(2, "--from RECORDING");
        Cli.run("replay", "--from", text, "--save", text).fails(2, "would replace the recording");
        Path before = folder.resolve("before.jfr");
        try (Highpage runtime =
                        Highpage.builder().device(Devices.named("host").open()).open();
                PageBuffer buffer = runtime.allocate(PAGE, PAGE);
                Recording recording = ofEverything()) {
            recording.start();
            buffer.prefetch(runtime.device());
            recording.stop();
            recording.dump(before);
        }
        Cli.run("replay", "--from", before)
                .fails(1, "before.jfr has no operation that can be repeated", "allocated before");
    }
}
