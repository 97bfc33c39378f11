// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A new control group, as a container has one.
 *
 * @param folder its folder
 */
public record ControlGroup(Path folder) implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    /** {@return a group with so many bytes of memory} */
    public static ControlGroup ofMemory(long bytes) {
        return make("memory", "memory.limit_in_bytes", "memory.max", bytes);
    }

    /** {@return a group with so many threads} */
    public static ControlGroup ofThreads(long threads) {
        return make("pids", "pids.max", "pids.max", threads);
    }

    /** Lets what is in one of {@link #ofThreads} start no thread any more. */
    public void allowNoMoreThreads() throws IOException {
        allowThreads(Files.readString(folder.resolve("pids.current")));
    }

    /** Lets what is in one of {@link #ofThreads} have so many threads. */
    public void allowThreads(long threads) throws IOException {
        allowThreads("" + threads);
    }

    private void allowThreads(String threads) throws IOException {
        Files.writeString(folder.resolve("pids.max"), threads);
    }

    /** {@return the file of a group with what it uses: of version 1 or 2} */
    private static ControlGroup make(
            String controller, String firstFile, String secondFile, long limit) {
        String untested = "a container's limit (" + controller + ") was NOT tested: ";
        assumeTrue(
                System.getProperty("user.name").equals("root"), untested + "run the tests as root");
        boolean first = Files.isDirectory(ROOT.resolve(controller));
        Path folder = (first ? ROOT.resolve(controller) : ROOT)
                .resolve(
                        "highpage-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        try {
            Files.createDirectory(folder);
            Files.writeString(folder.resolve(first ? firstFile : secondFile), "" + limit);
        } catch (IOException refused) {
            folder.toFile().delete();
            assumeTrue(false, untested + "no control group can be made: " + refused);
        }
        return new ControlGroup(folder);
    }

    /** {@return what to start a process under, so that it is in the group} */
    public List<String> inside() {
        return List.of("sh", "-c", "echo $$ > " + folder + "/cgroup.procs; exec \"$@\"", "sh");
    }

    /** Removes it; no process is in it any more. */
    @Override
    public void close() throws IOException {
        Files.delete(folder);
    }
}
