// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs a command, such as a build with its tests, where the only OpenCL driver is one that behaves
 * like that of a GPU:
 *
 * <pre>{@code java -cp highpage-junit.jar io.highpage.junit.Likeness nvidia mvn verify}</pre>
 *
 * <p>The driver lies between OpenCL's loader and PoCL, which has to be installed. Memory that the
 * host must not touch is a fault when it is touched, commands end late and only after a flush. It
 * is for tests, not for measuring. Linux on x86-64 only.
 */
public final class Likeness {
    private static final String FOLDER = "/META-INF/highpage/likeness/linux-x86_64/";
    private static final String LIBRARY = "libclshim.so";

    /** As in the driver's own table. */
    static final Map<String, String> NAMES = Map.of(
            "nvidia", "coarse-grained memory, 256 MiB, in-order queues, commands end late",
            "intel", "fine-grained memory without atomics, commands end late",
            "opencl12", "OpenCL 1.2: no shared virtual memory",
            "lazy", "coarse-grained memory, 96 MiB that are there at the first use only");

    private Likeness() {}

    /**
     * Runs a command.
     *
     * @param args the name of a likeness, and the command with its arguments
     * @throws InterruptedException if the thread is interrupted while the command runs
     */
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(List.of(args), System.err));
    }

    /**
     * {@return the exit code of the command; 2 if it was not run for the arguments' sake, 1 if the
     * driver is not to be had here}
     */
    static int run(List<String> args, PrintStream err) throws InterruptedException {
        if (args.size() < 2 || !NAMES.containsKey(args.getFirst())) {
            err.println("Usage: java -cp highpage-junit.jar " + Likeness.class.getName()
                    + " NAME COMMAND...");
            NAMES.keySet().stream()
                    .sorted()
                    .forEach(name -> err.printf("  %-9s %s%n", name, NAMES.get(name)));
            return 2;
        }
        try (Unpacked driver = Unpacked.of(Likeness.class.getResourceAsStream(FOLDER + LIBRARY))) {
            ProcessBuilder command = new ProcessBuilder(args.subList(1, args.size())).inheritIO();
            driver.describe(args.getFirst(), command.environment());
            return command.start().waitFor();
        } catch (IOException failure) {
            err.println("likeness " + args.getFirst() + ": " + failure.getMessage());
            return 1;
        }
    }

    /** The driver in a folder that is only the user's. */
    private record Unpacked(Path folder) implements AutoCloseable {

        static Unpacked of(@Nullable InputStream library) throws IOException {
            if (library == null) {
                throw new IOException("this highpage-junit was built without the driver: that needs"
                        + " Linux on x86-64, opencl-headers, cmake and gcc");
            }
            Unpacked made = new Unpacked(Files.createTempDirectory("highpage-likeness"));
            try (library) {
                Files.copy(library, made.folder.resolve(LIBRARY));
                Files.writeString(
                        made.folder.resolve("likeness.icd"),
                        made.folder.resolve(LIBRARY).toAbsolutePath() + "\n");
            } catch (IOException failure) {
                made.close();
                throw failure;
            }
            return made;
        }

        void describe(String like, Map<String, String> environment) {
            environment.put("OCL_ICD_VENDORS", folder.toAbsolutePath().toString());
            environment.put("SHIM_LIKE", like);
            environment.put("SHIM_CHECK", "1");
            // Without PoCL there is no device, and tests that were left out say nothing.
            environment.put("HIGHPAGE_REQUIRE_OPENCL", "true");
        }

        @Override
        public void close() throws IOException {
            Files.deleteIfExists(folder.resolve("likeness.icd"));
            Files.deleteIfExists(folder.resolve(LIBRARY));
            Files.deleteIfExists(folder);
        }
    }
}
