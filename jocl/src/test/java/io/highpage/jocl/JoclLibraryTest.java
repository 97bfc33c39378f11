// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.Devices;
import io.highpage.outcome.DeviceException;
import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Which file JOCL loads as its native library, in a JVM of its own with a temporary folder of its
 * own.
 */
class JoclLibraryTest {
    private static final String WITH_LOAD = "load";
    private static final String OWN = "own";

    @TempDir
    private Path folder;

    /** Uses JOCL, with or without loading it first. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            if (arguments[0].equals(WITH_LOAD)) {
                try {
                    Jocl.load();
                    Jocl.load();
                } catch (DeviceException refused) {
                    System.out.println("refused: " + refused.getMessage());
                    return;
                }
            }
            CL.setExceptionsEnabled(true);
            int[] platforms = new int[1];
            CL.clGetPlatformIDs(0, null, platforms);
            System.out.println(
                    "platforms: " + platforms[0] + ", " + System.getProperty("java.io.tmpdir"));
        }
    }

    @Test
    void whatSomebodyElsePutIntoTheTemporaryFolderIsNotLoaded() throws Exception {
        RequireOpenCl.check();
        // Where JOCL unpacks its library when it is left alone, under the name that it has in this
        // version.
        JavaProcess.run(program("plain"));
        Path planted = onlyFile();
        Files.writeString(planted, "not JOCL's");
        JavaProcess.fail(program("plain"));

        assertThat(JavaProcess.run(program(WITH_LOAD))).contains("platforms: ", folder.toString());
        assertThat(onlyFile()).isEqualTo(planted).hasContent("not JOCL's");
    }

    @Test
    void aFolderThatNothingCanBeLoadedFromIsToldInOneSentence() throws Exception {
        assertThat(refusedWhereFolderIs("noexec"))
                .isEqualTo("refused: cannot load JOCL's native library: programs cannot be loaded"
                        + " from "
                        + folder
                        + ", which is mounted noexec; start Java with"
                        + " -Djava.io.tmpdir=FOLDER and a folder that programs"
                        + " may be loaded from");
    }

    @Test
    void aFullFolderIsToldInOneSentence() throws Exception {
        assertThat(refusedWhereFolderIs("size=32k"))
                .isEqualTo("refused: cannot load JOCL's native library: " + folder
                        + " is full; start Java with -Djava.io.tmpdir=FOLDER and a"
                        + " folder that has room");
    }

    private String refusedWhereFolderIs(String mounted) throws Exception {
        RequireOpenCl.check();
        assumeTrue(
                new ProcessBuilder("unshare", "-m", "true").start().waitFor() == 0,
                "mounting needs root");
        ProcessBuilder program = program(WITH_LOAD);
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount -t tmpfs -o " + mounted + " none " + folder + " && exec \"$@\"",
                "sh"));
        command.addAll(program.command());
        List<String> refused = JavaProcess.run(program.command(command))
                .lines()
                .filter(line -> line.startsWith("refused"))
                .toList();
        assertThat(refused).hasSize(1);
        return refused.getFirst();
    }

    @Test
    void aMissingOptionIsToldInOneSentence() throws Exception {
        RequireOpenCl.check();
        ProcessBuilder program =
                JavaProcess.of(List.of("--illegal-native-access=deny"), Program.class, WITH_LOAD);
        assertThat(JavaProcess.run(program))
                .contains("JOCL may not call native code; start Java with"
                        + " --enable-native-access=ALL-UNNAMED");
    }

    /** Gives the bridge JOCL's objects, or takes them from it. */
    static final class Device {
        private Device() {}

        public static void main(String[] arguments) {
            try {
                if (arguments[0].equals(OWN)) {
                    Jocl.device(new cl_context(), new cl_device_id(), new cl_command_queue());
                } else {
                    Jocl.open(Devices.named("opencl"));
                }
            } catch (DeviceException refused) {
                System.out.println("refused: " + refused.getMessage());
            }
        }
    }

    /** As in JOCL 2.0.0, the superclass of all its objects keeps their addresses to itself. */
    @ParameterizedTest
    @ValueSource(strings = {OWN, "found"})
    void aJoclThatIsTooOldIsToldInOneSentence(String how) throws Exception {
        RequireOpenCl.check();
        Path source = folder.resolve("NativePointerObject.java");
        Files.writeString(source, """
                package org.jocl;
                public class NativePointerObject {
                    protected NativePointerObject() {}
                    protected long getNativePointer() { return 0; }
                }
                """);
        Path classes = Files.createDirectory(folder.resolve("old"));
        ToolProvider compiler = ToolProvider.findFirst("javac").orElseThrow();
        assertThat(compiler.run(
                        System.out, System.err, "-d", classes.toString(), source.toString()))
                .isZero();
        ProcessBuilder program =
                JavaProcess.of(List.of("--enable-native-access=ALL-UNNAMED"), Device.class, how);
        List<String> command = new ArrayList<>(program.command());
        int classPath = 1 + Math.max(command.indexOf("-cp"), command.indexOf("--class-path"));
        command.set(classPath, classes + ":" + command.get(classPath));
        assertThat(JavaProcess.run(program.command(command)))
                .contains("refused: highpage-jocl needs JOCL 2.0.6 or newer, and this is file:"
                        + classes
                        + "/, whose objects do not tell their addresses: take org.jocl:jocl"
                        + " 2.0.6 (");
    }

    private ProcessBuilder program(String how) {
        return JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder),
                Program.class,
                how);
    }

    private Path onlyFile() throws IOException {
        try (var files = Files.list(folder)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }
}
