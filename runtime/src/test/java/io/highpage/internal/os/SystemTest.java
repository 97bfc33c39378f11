// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.OutOfPageMemoryException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.ControlGroup;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.Seccomp;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.spi.ToolProvider;

/**
 * A system that lacks something: memory, /proc, room for mappings, descriptors, threads. In child
 * JVMs where it kills.
 */
@Timeout(300)
class SystemTest {
    private static final long PAGE = Linux.basePageBytes();
    private static final long MIB = 1L << 20;
    private static final Terms LOCKED = Pin.longTerm().pageLocked();
    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    private static String run(List<String> under, Object... steps) throws IOException {
        return run(under, List.of(), steps);
    }

    private static String run(List<String> under, List<String> options, Object... steps)
            throws IOException {
        return JavaProcess.outcome(JavaProcess.small(under, options, SystemChild.class, steps));
    }

    private static Highpage open() {
        return Highpage.builder().device(HostDevice.coherent(1 << 20)).open();
    }

    // ---- what /proc tells ----

    @Test
    void verify_byAnInterruptedThread_looksAllTheSame() {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(2 * PAGE);
                Pin pin = buffer.pin(LOCKED)) {
            Optional<long[]> frames = FrameNumbers.of(pin.segment());
            Thread.currentThread().interrupt();

            assertThat(pin.verify().isConfirmed()).isTrue();
            assertThat(FrameNumbers.of(pin.segment()).isPresent()).isEqualTo(frames.isPresent());
            assertThat(ProcFile.statusBytes("VmLck:").orElseThrow())
                    .isGreaterThanOrEqualTo(2 * PAGE);
            assertThat(MemoryLimits.HERE.totalBytes()).isPresent();
            assertThat(Thread.interrupted()).as("stays interrupted").isTrue();
        }
    }

    @Test
    void pageLocks_withoutProc_areTakenAndCannotBeVerified() throws Exception {
        assumeTrue(ROOT, "a system without /proc was NOT tested: run the tests as root");
        assertThat(run(
                        List.of("unshare", "--mount", "--propagation", "private"),
                        "locked-without-proc"))
                .contains("hidden: true")
                .contains("UNVERIFIABLE: ")
                .contains("/proc/self/smaps cannot be read")
                .contains("/proc/self/status does not tell VmLck")
                .contains("pin: done");
    }

    @Test
    void mappedFile_whoseNameIsNotUtf8_isInNobodysWay(@TempDir Path folder) throws Exception {
        List<String> under = List.of(
                "sh",
                "-c",
                "d=$0/$(printf 'caf\\351'); mkdir \"$d\" && cp \"$1\" \"$d\" && shift &&"
                        + " LD_PRELOAD=$d/libjsig.so exec \"$@\"",
                folder.toString(),
                System.getProperty("java.home") + "/lib/libjsig.so");
        assertThat(run(under, "strange-name"))
                .contains("libjsig: true")
                .contains("CONFIRMED: ")
                .contains("pin: done");
    }

    // ---- memory ----

    @Test
    void container_withLessMemoryThanAsked_isAnErrorAndNotTheDeathOfTheProcess() throws Exception {
        try (ControlGroup group = ControlGroup.ofMemory(300 * MIB)) {
            assertThat(run(group.inside(), "fill", 600))
                    .contains("fill: io.highpage.outcome.OutOfPageMemoryException: hold of pages ")
                    .contains(" no host memory for 16777216 bytes more: of the " + 300 * MIB
                            + " bytes of its container (" + group.folder() + ") ")
                    .contains("memory.max of the control group")
                    .contains("pin: io.highpage.outcome.OutOfPageMemoryException")
                    .containsPattern("prefetch: host Optional"
                            + "\\[io.highpage.outcome.OutOfPageMemoryException")
                    .containsPattern("prefetch: host-private Optional"
                            + "\\[io.highpage.outcome.OutOfPageMemoryException")
                    .contains("afterwards: done")
                    .endsWith("exit 0\n");
        }
    }

    @Test
    void hostDevice_inAContainer_offersWhatThatHas() throws Exception {
        try (ControlGroup group = ControlGroup.ofMemory(300 * MIB)) {
            assertThat(run(group.inside(), "offered"))
                    .contains("host has " + 300 * MIB)
                    .contains("host-private has " + 300 * MIB);
        }
    }

    @Test
    void pagesFarApart_takeWhatWasWritten() throws Exception {
        String said = run(List.of(), "sparse");
        assertThat(said).contains("MiB: ");
        // 512 pages are 2 MiB, and the table of 1 GiB as much.
        assertThat(Long.parseLong(said.replaceAll("(?s).*MiB: (\\d+).*", "$1"))).isLessThan(16);
    }

    @Test
    void wholeHugePages_stillCome() throws Exception {
        assumeTrue(
                ProcFile.read(Path.of("/sys/kernel/mm/transparent_hugepage/enabled"))
                        .filter(modes -> !modes.contains("[never]"))
                        .isPresent(),
                "huge pages were NOT tested: this system has none");
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(32 * MIB);
                Pin pin = buffer.pin(Pin.longTerm())) {
            assertThat(sumOf("AnonHugePages:", pin.segment())).isGreaterThanOrEqualTo(16 * MIB);
        }
    }

    // ---- mappings ----

    /** A child that was forked and not started anew would share a window copy-on-write. */
    @Test
    void windows_areKeptFromForkedChildren() throws Exception {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(3 * PAGE);
                Pin pin = buffer.pin(Pin.longTerm())) {
            assertThat(flagsOf(pin.segment())).contains(" dc ");
        }
    }

    @Test
    void windows_areAlignedToTheirPages() {
        try (Highpage hp = open()) {
            for (long pageBytes = PAGE; pageBytes <= 1 << 30; pageBytes *= 8) {
                try (PageBuffer buffer = hp.allocate(1, pageBytes);
                        Pin pin = buffer.range(0, 1).pin(Pin.longTerm())) {
                    assertThat(pin.segment().address() % pageBytes)
                            .as("%s", pageBytes)
                            .isZero();
                }
            }
        }
    }

    @Test
    void mappings_atTheirLimit_giveTheirMemoryBackAndNameTheLimit() throws Exception {
        long limit = Mappings.max().orElse(Long.MAX_VALUE);
        assumeTrue(
                limit <= 1 << 17,
                "the limit on mappings was NOT tested: vm.max_map_count is above " + (1 << 17));
        // The JVM itself needs new mappings when its heap or its compiled code grow.
        assertThat(run(List.of(), List.of("-Xint", "-Xms64m", "-XX:+AlwaysPreTouch"), "mappings"))
                .contains(" mappings, the limit is " + limit)
                .contains("sysctl vm.max_map_count=" + 2 * limit)
                .containsPattern("given back: 30\\d, of addresses: [5-9]\\d\\d")
                .endsWith("exit 0\n");
    }

    // ---- for a moment ----

    @Test
    void noDescriptorLeft_forAMoment_breaksNothing(@TempDir Path folder) throws Exception {
        // Out of a folder no class could be loaded, whatever it does.
        List<String> jar =
                List.of("-cp", jarOf(JavaProcess.classPath(), folder.resolve("all.jar")));
        assertThat(run(List.of("prlimit", "--nofile=100:100"), jar, "descriptors"))
                .contains("none: ")
                .contains("copy: done")
                .contains("locked again: done")
                .endsWith("exit 0\n");
    }

    @Test
    void noThreadLeft_theCallerCopiesAlone() throws Exception {
        for (String threads : List.of("1", "4")) {
            try (ControlGroup group = ControlGroup.ofThreads(1000)) {
                List<String> options =
                        List.of("-Dhighpage.threads=" + threads, "-XX:ActiveProcessorCount=4");
                Process child = JavaProcess.small(
                                group.inside(), options, SystemChild.class, "copies")
                        .start();
                try (BufferedReader lines = child.inputReader()) {
                    assertThat(lines.readLine()).isEqualTo("ready");
                    group.allowNoMoreThreads();
                    child.getOutputStream().write('\n');
                    child.getOutputStream().flush();
                    List<String> said = lines.lines().toList();
                    assertThat(said)
                            .as("threads %s: %s", threads, said)
                            .filteredOn("right: true"::equals)
                            .hasSize(3);
                    // The JVM and threads of the JDK's pool may complain between them of their own.
                    assertThat(said)
                            .as("threads %s", threads)
                            .filteredOn(SystemTest::tellsOfAnOperation)
                            .hasSize(3 * 5)
                            .allMatch(line -> line.endsWith(": done"));
                    assertThat(said)
                            .as("threads %s: %s", threads, said)
                            .filteredOn(Optional.empty().toString()::equals)
                            .hasSize(3 * 2);
                } finally {
                    child.destroyForcibly().onExit().join();
                }
            }
        }
    }

    private static boolean tellsOfAnOperation(String line) {
        return line.matches("(write|prefetch|copy|evict|read): .*");
    }

    // ---- memory that is not the library's ----

    @Test
    void copies_ofAFileThatWasCut_areAnError(@TempDir Path folder) throws Exception {
        assertThat(run(List.of(), "cut-file", folder.resolve("mapped")))
                .contains("write: done")
                .contains("write of what was cut: java.lang.InternalError")
                .contains("read to what was cut: java.lang.InternalError")
                .endsWith("exit 0\n");
    }

    @Test
    void copies_withForgedBounds_areAnError() throws Exception {
        assertThat(run(List.of(), "forged"))
                .contains("write: java.lang.InternalError")
                .contains("read: java.lang.InternalError")
                .endsWith("exit 0\n");
    }

    // ---- the program around ----

    @Test
    void programThatUsedItFirst_isNotKept() throws Exception {
        assertThat(run(List.of(), "program")).contains("kept: null").endsWith("exit 0\n");
    }

    @Test
    void libraryInALoaderOfItsOwn_isNotKeptByAThreadThatLivesOn() throws Exception {
        assertThat(run(List.of(), "library in a loader"))
                .contains("pinned by URLClassLoader", "kept: null")
                .endsWith("exit 0\n");
    }

    @Test
    void nativeLibrary_withoutAUmask_isTheUsersOnly() throws Exception {
        assumeTrue(
                ROOT,
                "the mode of the native library's file was NOT tested: run the tests as root");
        assumeTrue(
                NativeLibrary.lookup().isPresent(),
                "the native library was NOT tested: it is not there");
        assertThat(run(List.of("sh", "-c", "umask 0; exec \"$@\"", "sh"), "library"))
                .contains("library: loaded")
                .contains("mode: rw-------")
                .doesNotContain("mode: rw-rw");
    }

    @Test
    void nativeLibrary_onAFileSystemWithoutExecution_isLeftOutWithAWord(@TempDir Path folder)
            throws Exception {
        assumeTrue(ROOT, "a folder mounted noexec was NOT tested: run the tests as root");
        assumeTrue(
                NativeLibrary.lookup().isPresent(),
                "the native library was NOT tested: it is not there");
        String mount = "mount -t tmpfs -o noexec none " + folder + " && exec \"$@\"";
        List<String> under =
                List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh");
        assertThat(run(under, List.of("-Djava.io.tmpdir=" + folder), "library"))
                .contains("library: cannot be loaded, so pages are copied in pure Java: ")
                .contains("if " + folder
                        + " is full, not writable or mounted noexec, start Java with"
                        + " another -Djava.io.tmpdir")
                .contains("copy: done")
                .endsWith("exit 0\n");
    }

    @Test
    void calls_forbiddenBySeccomp_areNamedWithTheWayOut() throws Exception {
        assumeTrue(
                Seccomp.isSupported(),
                "a seccomp filter was NOT tested: its numbers are those of x86-64");
        assertThat(run(List.of(), "forbidden"))
                .contains("pin: io.highpage.outcome.OutOfPageMemoryException: ")
                .contains("mlock2(4096 bytes) failed: errno 1 ")
                .contains("allow mlock, mlock2 and munlock in the container's seccomp profile, or"
                        + " take pins without pageLocked()")
                .contains("memfd_create failed: errno 1 ")
                .contains("allow memfd_create in the container's seccomp profile, or take a"
                        + " coherent device")
                .doesNotContain("memory itself is short")
                .doesNotContain("evict or close other buffers")
                .endsWith("exit 0\n");
    }

    /** The most that arguments allow is more than a process can map. */
    @Test
    void buffer_largerThanAllAddresses_saysSo() {
        try (Highpage hp = open()) {
            assertThatThrownBy(() -> hp.allocate(1L << 60, 1 << 30))
                    .isInstanceOf(OutOfPageMemoryException.class)
                    .hasMessageContaining(
                            "a process has some " + (1L << 47) + " bytes of addresses")
                    .hasMessageNotContaining("overcommit");
        }
    }

    @Test
    void nativeAccess_denied_isOneSentenceWithTheOption_eachTime() throws Exception {
        String said = run(
                List.of(),
                List.of("--illegal-native-access=deny", "--enable-native-access=java.base"),
                "denied");
        for (String what : List.of("open", "device", "find")) {
            assertThat(said.lines().filter(line -> line.startsWith(what + ": ")).toList())
                    .hasSize(2)
                    .allMatch(line -> line.contains(
                                    "java.lang.IllegalCallerException: Java denies native access")
                            && line.endsWith("start Java with --enable-native-access=ALL-UNNAMED"));
        }
        assertThat(said)
                .contains("library: cannot be loaded")
                .doesNotContain("InitializerError")
                .endsWith("exit 0\n");
    }

    private static String jarOf(String classPath, Path jar) {
        List<String> arguments = new ArrayList<>(List.of("--create", "--file", jar.toString()));
        List<String> jars = new ArrayList<>(List.of(jar.toString()));
        for (String each : classPath.split(":")) {
            if (!each.isEmpty() && Files.isDirectory(Path.of(each, "io"))) {
                arguments.addAll(List.of("-C", each, "io"));
            } else if (Files.isRegularFile(Path.of(each))) { // of a module that has been packaged
                jars.add(each);
            }
        }
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        assertThat(ToolProvider.findFirst("jar")
                        .orElseThrow()
                        .run(out, out, arguments.toArray(String[]::new)))
                .as("%s", said)
                .isZero();
        return String.join(":", jars);
    }

    private static String flagsOf(MemorySegment memory) throws IOException {
        return mappingsOf(memory, "VmFlags:").getFirst() + " ";
    }

    private static long sumOf(String word, MemorySegment memory) throws IOException {
        return mappingsOf(memory, word).stream()
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    /** {@return a line of each mapping that a range is in} */
    private static List<String> mappingsOf(MemorySegment memory, String word) throws IOException {
        List<String> found = new ArrayList<>();
        try (BufferedReader lines = ProcFile.open(Path.of("/proc/self/smaps"))) {
            boolean inside = false;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                    long start = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                    long end = Long.parseUnsignedLong(
                            line.substring(line.indexOf('-') + 1, line.indexOf(' ')), 16);
                    inside = start < memory.address() + memory.byteSize() && end > memory.address();
                } else if (inside && line.startsWith(word)) {
                    found.add(line);
                }
            }
        }
        return found;
    }
}
