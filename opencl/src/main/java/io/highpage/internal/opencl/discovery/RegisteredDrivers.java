// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import io.highpage.internal.os.SharedLibraries;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The drivers that are registered with the OpenCL loader, which is silent about those that it
 * cannot use. Thread-safe.
 */
final class RegisteredDrivers {
    private RegisteredDrivers() {}

    /** {@return where the loader looks} */
    static String place() {
        String set = System.getenv("OCL_ICD_VENDORS");
        return set == null || set.isEmpty() ? "/etc/OpenCL/vendors" : set;
    }

    /**
     * {@return what is wrong with them}
     *
     * @param offered whether any of them has offered a platform; if none has, those that load are
     *     told of too
     */
    static List<String> problems(boolean offered) {
        List<String> problems = new ArrayList<>();
        for (Path file : files(Path.of(place()), problems)) {
            String problem = problem(file, offered);
            if (!problem.isEmpty()) {
                problems.add(problem);
            }
        }
        return problems;
    }

    private static Iterable<Path> files(Path place, List<String> problems) {
        TreeSet<Path> files = new TreeSet<>();
        if (Files.isRegularFile(place)) {
            if (place.toString().endsWith(".icd")) {
                files.add(place);
            }
            return files; // what is no .icd file is a driver, not text
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(place, "*.icd")) {
            found.forEach(files::add);
        } catch (NoSuchFileException | NotDirectoryException none) {
            // nothing is registered there
        } catch (IOException | DirectoryIteratorException unreadable) {
            problems.add("the folder " + place + ", where drivers are registered, cannot be read: "
                    + unreadable);
        }
        return files;
    }

    private static String problem(Path file, boolean offered) {
        String library;
        try {
            library = Files.readString(file).lines().findFirst().orElse("").strip();
        } catch (IOException unreadable) {
            return "the driver that " + file + " registers is left out: " + unreadable;
        }
        return SharedLibraries.whyNot(library)
                .map(why -> "the driver " + library + ", which " + file
                        + " registers, does not load: " + why)
                .orElse(
                        offered
                                ? ""
                                : "the driver " + library + ", which " + file
                                        + " registers, loads, but offers nothing");
    }
}
