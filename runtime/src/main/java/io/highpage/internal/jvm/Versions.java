// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.jvm;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.InvalidModuleDescriptorException;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Whether all of Highpage that is on the path has one version. A jar's module descriptor tells,
 * also on the class path, where of two the first one's classes are taken and the rest fails
 * somewhere. Thread-safe.
 */
public final class Versions {
    private static final String DESCRIPTOR = "module-info.class";

    private static volatile boolean alike;

    private Versions() {}

    /** A part of Highpage, and where it is. */
    private record Part(String module, String version, String place) {
        @Override
        public String toString() {
            return module + " " + version + " in " + place;
        }
    }

    /**
     * Checks it, once.
     *
     * @throws IllegalStateException if there are several; names two, with their places
     */
    public static void check() {
        if (alike) {
            return;
        }
        ClassLoader loader = Versions.class.getClassLoader();
        mixed(loader == null ? ClassLoader.getSystemClassLoader() : loader).ifPresent(words -> {
            throw new IllegalStateException(words);
        });
        alike = true;
    }

    /** {@return that what a class loader finds is of several versions, and what to do} */
    static Optional<String> mixed(ClassLoader loader) {
        List<Part> parts = parts(loader);
        return parts.stream()
                .filter(part -> !part.version().equals(parts.getFirst().version()))
                .findFirst()
                .map(other -> "two versions of Highpage are on the path: " + parts.getFirst()
                        + ", and " + other + ": take one of them away, and give all artifacts of"
                        + " Highpage one version, by importing highpage-bom");
    }

    private static List<Part> parts(ClassLoader loader) {
        try {
            return Collections.list(loader.getResources(DESCRIPTOR)).stream()
                    .flatMap(found -> part(found).stream())
                    .toList();
        } catch (IOException unreadable) {
            return List.of(); // whoever needs what is there will say so
        }
    }

    /** What is not packed into a jar has no version, and cannot be wrong. */
    private static Optional<Part> part(URL found) {
        ModuleDescriptor descriptor;
        try (InputStream in = found.openStream()) {
            descriptor = ModuleDescriptor.read(in);
        } catch (IOException | InvalidModuleDescriptorException others) {
            return Optional.empty(); // a library's, for a later Java
        }
        String name = descriptor.name();
        if (!name.equals("io.highpage") && !name.startsWith("io.highpage.")) {
            return Optional.empty();
        }
        String place = found.toString()
                .replaceFirst("^jar:", "")
                .replaceFirst("!?/" + DESCRIPTOR + "$", "");
        return descriptor.rawVersion().map(version -> new Part(name, version, place));
    }
}
