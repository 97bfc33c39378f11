// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.top;

import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;

import io.highpage.cli.console.UserError;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the system tells of a process, before anything is asked of it: attaching sends a signal,
 * which ends what is no JVM.
 *
 * @param pid its number
 */
public record OtherProcess(long pid) {
    private static final String LIBRARY = "highpage";

    private Path folder() {
        return Path.of("/proc", Long.toString(pid));
    }

    /** {@return whether it is there} */
    boolean isThere() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    /**
     * {@return whether it has ended} One that is about to, or whose parent has not asked for its
     * exit code yet, has no memory any more.
     */
    boolean hasEnded() {
        try {
            return !isThere() || maps().findAny().isEmpty();
        } catch (IOException untold) {
            return !isThere();
        }
    }

    /**
     * Checks that it is a JVM that may be attached to.
     *
     * @throws UserError says why not
     */
    void check() {
        if (pid == ProcessHandle.current().pid()) {
            throw UserError.failed("process " + pid + " is this command itself");
        }
        if (!isThere()) {
            throw UserError.failed("there is no process " + pid);
        }
        try {
            int mine = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            int owner = (int) Files.getAttribute(folder(), "unix:uid");
            if (mine != 0 && mine != owner) {
                throw UserError.failed("process " + pid + " belongs to user "
                        + Files.getOwner(folder()).getName()
                        + ": look into it as that user, or as root");
            }
            if (!maps().anyMatch(line -> line.endsWith("/libjvm.so"))) {
                throw UserError.failed("process " + pid + " is no JVM");
            }
        } catch (IOException failure) {
            throw isThere()
                    ? UserError.io("cannot look at process " + pid, failure)
                    : UserError.failed("there is no process " + pid);
        }
    }

    private Stream<String> maps() throws IOException {
        return Files.readAllLines(folder().resolve("maps")).stream();
    }

    /** {@return whether files of Highpage are open in it, as far as the system tells} */
    private boolean hasLibrary() {
        try {
            return maps().anyMatch(line -> isLibrary(line.substring(line.lastIndexOf('/') + 1)))
                    || hasJar();
        } catch (IOException | RuntimeException gone) { // or of another user
            return false;
        }
    }

    private static boolean isLibrary(String file) {
        return file.startsWith("lib" + LIBRARY) || file.startsWith(LIBRARY + "-runtime");
    }

    private boolean hasJar() throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(folder().resolve("fd"))) {
            for (Path each : open) {
                if (isLibrary(Files.readSymbolicLink(each).getFileName().toString())) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * A JVM with Highpage.
     *
     * @param pid its number
     * @param name its main class, with what was given to it
     */
    public record Found(long pid, String name) {}

    /** {@return the JVMs that have Highpage, but for this one, as far as they can be looked at} */
    public static List<Found> withHighpage() {
        return VirtualMachine.list().stream()
                .map(OtherProcess::found)
                .filter(found -> found.pid != ProcessHandle.current().pid()
                        && new OtherProcess(found.pid).hasLibrary())
                .toList();
    }

    private static Found found(VirtualMachineDescriptor jvm) {
        return new Found(Long.parseLong(jvm.id()), jvm.displayName());
    }
}
