// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which file is opened, whatever its name, the locale and the mounts; and when its descriptor is
 * closed.
 */
class RingFileTest extends RingTest {
    private static final List<String> OPTIONS =
            List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto");

    /**
     * Writes the number of each file of a folder into it, with every set of options; the files are
     * there already.
     */
    public static final class Numberer {
        private Numberer() {}

        public static void main(String[] args) throws IOException {
            List<Path> files;
            try (Stream<Path> all = Files.list(Path.of(args[0]))) {
                files = all.sorted().toList();
            }
            try (Highpage hp = Highpage.builder()
                            .device(HostDevice.coherent(1 << 20))
                            .open();
                    PageBuffer buffer = hp.allocate(1 << 16);
                    Pin pin = buffer.pin(Pin.longTerm());
                    Ring ring = Ring.open("names", 4);
                    FixedBuffer fixed = ring.register(pin)) {
                for (Path path : files) {
                    byte[] expected = Files.readAllBytes(path);
                    read(ring, fixed, pin, RingFile.open(path), expected);
                    read(ring, fixed, pin, RingFile.openDirect(path), expected);
                    try (RingFile file = RingFile.open(
                            path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
                        ring.writeFully(file, 1, fixed, 0, 1, SOON);
                    }
                    System.out.println("written " + Files.readAllBytes(path).length);
                }
            }
        }

        private static void read(
                Ring ring, FixedBuffer fixed, Pin pin, RingFile opened, byte[] expected)
                throws IOException {
            try (RingFile file = opened) {
                long read = ring.readFully(file, 0, fixed, 0, 4096, SOON);
                if (read != expected.length || bytes(pin, 0, 1)[0] != expected[0]) {
                    throw new IOException("another file of " + read + " bytes");
                }
            }
        }
    }

    /** {@return a folder with files whose names are Latin-1, UTF-8, and neither} */
    private Path oddNames() throws Exception {
        Path odd = Files.createDirectory(folder.resolve("odd"));
        String names =
                "for name in 'caf\\351' 'caf\\303\\251' 'a%%41b' 'a\\377\\376\\012b' 'plain'; do"
                        + " printf 'xyz' > \"$(printf \"$name\"; printf .)\"; done";
        assertThat(new ProcessBuilder("sh", "-c", names)
                        .directory(odd.toFile())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        return odd;
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void theFileThatJavaOpens_isOpened_whateverItsName(String locale) throws Exception {
        Path odd = oddNames();
        ProcessBuilder child = JavaProcess.of(OPTIONS, Numberer.class, odd.toString());
        child.environment().put("LC_ALL", locale);
        assertThat(JavaProcess.run(child)).containsOnlyOnce("written 3\n".repeat(5));
        try (Stream<Path> files = Files.list(odd)) {
            assertThat(files.count()).as("files, none new").isEqualTo(5);
        }
    }

    @Test
    void relativePath_isResolvedAsJavaDoes() throws IOException {
        Path path = Path.of("target", "relative-" + ProcessHandle.current().pid());
        Files.write(path, random(10));
        try (RingFile file = RingFile.open(path)) {
            assertThat(file.path()).isEqualTo(path);
            assertThat(openTargets()).contains(path.toRealPath().toString());
        } finally {
            Files.delete(path);
        }
        assertThatThrownBy(() -> RingFile.open(Path.of(""), StandardOpenOption.WRITE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("EISDIR");
    }

    /** What the process has open. */
    private static List<String> openTargets() throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : open.toList()) {
                try {
                    targets.add(Files.readSymbolicLink(each).toString());
                } catch (IOException closed) { // the one of the listing itself
                    continue;
                }
            }
        }
        return targets;
    }

    /** Opens a file with O_DIRECT where no mount can be found. */
    public static final class Direct {
        private Direct() {}

        public static void main(String[] args) throws IOException {
            try {
                System.out.println(Files.getFileStore(Path.of(args[0])));
            } catch (IOException expected) {
                System.out.println("Java says: " + expected.getMessage());
            }
            try (RingFile file = RingFile.openDirect(Path.of(args[0]))) {
                System.out.println("direct " + file.isDirect() + " " + file.alignment());
            }
        }
    }

    /** As in a chroot: the folder is on no mount that the process can see. */
    @Test
    void withoutAMountEntry_directFilesOpen() throws Exception {
        assumeTrue(
                System.getProperty("user.name").equals("root"), "mounts are for root: NOT tested");
        Path path = file(random(8192));
        List<String> java =
                JavaProcess.of(OPTIONS, Direct.class, path.toString()).command();
        String script = "mount --bind /dev/null /proc/$$/mounts && exec \"$@\"";
        List<String> command = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", script, "sh"));
        command.addAll(java);
        String output = JavaProcess.run(new ProcessBuilder(command).redirectErrorStream(true));
        assertThat(output)
                .contains("Java says: Mount point not found")
                .contains("direct true 4096");
    }

    @Test
    void close_withAnOperationInFlight_closesTheDescriptorWhenThatHasEnded() throws Exception {
        try (Ring ring = Ring.open("file", 4);
                Pin pin = buffer.pin(Pin.longTerm());
                FixedBuffer fixed = ring.register(pin);
                RingFile other = pipe()) {
            Path path = other.path();
            RingFile pipe = RingFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            RingOperation read = ring.readFixed(pipe, 0, fixed, 0, 10);
            pipe.close();
            pipe.close();
            assertThatThrownBy(() -> ring.readFixed(pipe, 0, fixed, 0, 10))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("file " + path + " is closed");
            assertThat(opened(path)).isEqualTo(2);
            ring.writeFully(other, 0, fixed, 100, 5, SOON);
            assertThat(read.await(SOON)).isEqualTo(5);
            assertThat(opened(path)).isEqualTo(1);
        }
    }

    private static long opened(Path path) throws IOException {
        String real = path.toRealPath().toString();
        return openTargets().stream().filter(real::equals).count();
    }

    /** The order of the example in the module's README. */
    @Test
    void exceptionWithAnOperationInFlight_leavesNothingOpen() throws Exception {
        Path path;
        try (RingFile pipe = pipe()) {
            path = pipe.path();
            assertThatThrownBy(() -> fail(path))
                    .hasMessage("in the middle")
                    .hasNoSuppressedExceptions();
        }
        assertThat(opened(path)).isZero();
        assertThat(hp.holders()).isEmpty();
    }

    private void fail(Path path) throws IOException {
        try (Pin pin = buffer.pin(Pin.longTerm());
                Ring ring = Ring.builder("fails").patience(SHORT).open();
                FixedBuffer fixed = ring.register(pin);
                RingFile file =
                        RingFile.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ring.readFixed(file, 0, fixed, 0, 10);
            throw new IllegalArgumentException("in the middle");
        }
    }

    @Test
    void fileOfTwoRings_isClosedByTheLastOperationOfAny() throws Exception {
        try (Pin pin = buffer.pin(Pin.longTerm());
                Ring a = Ring.builder("a").patience(SHORT).open();
                Ring b = Ring.builder("b").patience(SHORT).open()) {
            FixedBuffer ofA = a.register(pin);
            FixedBuffer ofB = b.register(pin);
            RingFile pipe = pipe();
            a.readFixed(pipe, 0, ofA, 0, 10);
            b.readFixed(pipe, 0, ofB, 0, 10);
            pipe.close();
            a.close();
            assertThat(opened(pipe.path())).isEqualTo(1);
            b.close();
            assertThat(opened(pipe.path())).isZero();
        }
    }
}
