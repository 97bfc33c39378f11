// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.jvm;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.InvalidModuleDescriptorException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.net.URL;
import java.util.ArrayList;
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

    /** Once it was checked; empty if no jar says which. */
    private static volatile @Nullable String version;

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
        if (version == null) {
            ClassLoader loader = Versions.class.getClassLoader();
            version = one(
                    loader == null ? ClassLoader.getSystemClassLoader() : loader,
                    Versions.class.getModule().getLayer());
        }
    }

    /** {@return the version of all of it, once it was checked; empty if no jar says which} */
    public static String version() {
        String known = version;
        return known == null ? "" : known;
    }

    /**
     * {@return the version of what there is}
     *
     * @param loader finds what is on the class path
     * @param layer the modules beside this one, or null: it is on the class path too
     * @throws IllegalStateException if there are several
     */
    static String one(ClassLoader loader, @Nullable ModuleLayer layer) {
        List<Part> parts = parts(loader, layer);
        Optional<String> words = mixed(parts);
        if (words.isPresent()) {
            throw new IllegalStateException(words.get());
        }
        return parts.isEmpty() ? "" : parts.getFirst().version();
    }

    /** {@return that what there is is of several versions, and what to do} */
    private static Optional<String> mixed(List<Part> parts) {
        for (Part other : parts) {
            if (!other.version().equals(parts.getFirst().version())) {
                return Optional.of("two versions of Highpage are on the path: " + parts.getFirst()
                        + ", and " + other + ": take one of them away, and give all artifacts of"
                        + " Highpage one version, by importing highpage-bom");
            }
        }
        return Optional.empty();
    }

    /** Runs at every start of a program, so it is as plain as it can be: no lambda, no pattern. */
    private static List<Part> parts(ClassLoader loader, @Nullable ModuleLayer layer) {
        List<Part> parts = new ArrayList<>();
        try {
            if (layer != null) {
                addModules(parts, layer);
            }
            List<String> hidden = ofParents(loader);
            for (URL found : Collections.list(loader.getResources(DESCRIPTOR))) {
                // Not Java's own, of which there are many; what is linked with it is a module.
                if (!found.getProtocol().equals("jrt") && !hidden.contains(found.toString())) {
                    add(parts, found);
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            return List.of(); // whoever needs what is there will say so
        }
        return parts;
    }

    /**
     * {@return what a loader asks others for, as those of applications in a server do: it has this
     * class itself, so what they have of Highpage is not used here}
     */
    private static List<String> ofParents(ClassLoader loader) throws IOException {
        List<String> hidden = new ArrayList<>();
        ClassLoader parent = loader.getParent();
        if (parent != null && loader != ClassLoader.getSystemClassLoader()) {
            for (URL found : Collections.list(parent.getResources(DESCRIPTOR))) {
                hidden.add(found.toString());
            }
        }
        return hidden;
    }

    /** On the module path, or linked into an image. */
    private static void addModules(List<Part> parts, ModuleLayer layer) {
        for (ResolvedModule module : layer.configuration().modules()) {
            Optional<URI> place = module.reference().location();
            add(
                    parts,
                    module.reference().descriptor(),
                    place.isPresent() ? place.get().toString() : "this image");
        }
    }

    /** What is not packed into a jar has no version, and cannot be wrong. */
    private static void add(List<Part> parts, URL found) {
        ModuleDescriptor descriptor;
        try (InputStream in = found.openStream()) {
            descriptor = ModuleDescriptor.read(in);
        } catch (IOException | InvalidModuleDescriptorException others) {
            return; // a library's, for a later Java
        }
        add(parts, descriptor, placeOf(found));
    }

    private static void add(List<Part> parts, ModuleDescriptor descriptor, String place) {
        String name = descriptor.name();
        if (!name.equals("io.highpage") && !name.startsWith("io.highpage.")) {
            return;
        }
        String version = descriptor.rawVersion().orElse("");
        if (!version.isEmpty()) {
            parts.add(new Part(name, version, place));
        }
    }

    private static String placeOf(URL found) {
        String place = found.toString();
        int start = place.startsWith("jar:") ? "jar:".length() : 0;
        int end = place.length() - DESCRIPTOR.length() - "/".length();
        return place.substring(start, place.startsWith("!", end - 1) ? end - 1 : end);
    }
}
