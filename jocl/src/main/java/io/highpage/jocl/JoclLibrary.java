// SPDX-License-Identifier: Apache-2.0
package io.highpage.jocl;

import io.highpage.outcome.DeviceException;

import org.jocl.CL;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * JOCL's native library. JOCL unpacks it into the temporary folder under a fixed name, and if there
 * is a file of that name already it loads that one, whoever put it there.
 */
final class JoclLibrary {
    private static final String TEMPORARY = "java.io.tmpdir";

    private static final ReentrantLock LOCK = new ReentrantLock();

    // Guarded by the lock.
    private static boolean loaded;
    private static @Nullable DeviceException failure;

    private JoclLibrary() {}

    static void load() {
        LOCK.lock();
        try {
            if (failure != null) {
                throw new DeviceException(String.valueOf(failure.getMessage()), failure);
            }
            if (!loaded) {
                loadPrivately();
                loaded = true;
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static void loadPrivately() {
        String shared = System.getProperty(TEMPORARY);
        try {
            Path folder = Files.createTempDirectory("highpage-jocl-"); // nobody else can enter it
            try {
                System.setProperty(TEMPORARY, folder.toString());
                Class.forName(CL.class.getName(), true, CL.class.getClassLoader());
            } finally {
                System.setProperty(TEMPORARY, shared);
                remove(folder); // what is loaded stays mapped
            }
        } catch (IOException e) {
            throw new DeviceException(
                    "cannot unpack JOCL's native library into a new folder in " + shared + ": " + e
                            + "; " + elsewhere("you can write"),
                    e);
        } catch (ClassNotFoundException | LinkageError e) {
            failure = new DeviceException(
                    "cannot load JOCL's native library: " + reason(e, shared), e);
            throw failure;
        }
    }

    private static String reason(Throwable error, String folder) {
        if (!CL.class.getModule().isNativeAccessEnabled()) {
            Module jocl = CL.class.getModule();
            return "JOCL may not call native code; start Java with --enable-native-access="
                    + (jocl.isNamed() ? jocl.getName() : "ALL-UNNAMED");
        }
        // JOCL puts two stack traces into the message; the second attempt is the one with the
        // unpacked library.
        Optional<String> said = String.valueOf(error.getMessage())
                .lines()
                .filter(line -> line.startsWith("java.") || line.startsWith("Caused by: "))
                .reduce((first, second) -> second);
        String text = said.orElse(error.toString());
        if (text.contains("Implementation library could not be loaded")) {
            return "it finds no OpenCL loader: this is " + JoclObjects.whence()
                    + ", and JOCL 2.0.6 looks for libOpenCL.so.1 (Debian:"
                    + " ocl-icd-libopencl1), older ones for libOpenCL.so, which only development"
                    + " packages install; take org.jocl:jocl 2.0.6 (" + text + ")";
        }
        if (text.contains("failed to map segment")) {
            return "programs cannot be loaded from " + folder + ", which is mounted noexec; "
                    + elsewhere("programs may be loaded from");
        }
        return text.contains("No space left")
                ? folder + " is full; " + elsewhere("has room")
                : text;
    }

    private static String elsewhere(String what) {
        return "start Java with -D" + TEMPORARY + "=FOLDER and a folder that " + what;
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
