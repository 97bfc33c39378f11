// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import io.highpage.natives.NativeLibraryResource;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Loads {@code libhighpage.so} out of its jar. Its absence is a normal state: copies are then made
 * in pure Java. {@code -Dhighpage.native=false} leaves it out on purpose.
 */
public final class NativeLibrary {
    private static final String STATUS;
    private static final @Nullable SymbolLookup LOOKUP;

    static {
        SymbolLookup lookup = null;
        String status;
        if (!Boolean.parseBoolean(System.getProperty("highpage.native", "true"))) {
            status = "left out by -Dhighpage.native=false";
        } else {
            try {
                lookup = load();
                status = lookup == null
                        ? "not in the jar: it was built without a C compiler and CMake"
                        : "loaded";
            } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError failure) {
                status = "cannot be loaded, so pages are copied in pure Java: "
                        + failure.getMessage()
                        + "; if " + System.getProperty("java.io.tmpdir")
                        + " is full, not writable or mounted noexec, start"
                        + " Java with another -Djava.io.tmpdir";
            }
        }
        LOOKUP = lookup;
        STATUS = status;
    }

    private NativeLibrary() {}

    /**
     * Out of a folder that only this user can look into: nobody else puts another library there
     * before it is loaded.
     */
    @SuppressWarnings("restricted")
    private static @Nullable SymbolLookup load() throws IOException {
        Optional<URL> resource = NativeLibraryResource.find();
        if (resource.isEmpty()) {
            return null;
        }
        Path folder = newFolder();
        Path file = folder.resolve("libhighpage.so");
        try (InputStream in = resource.get().openStream()) {
            Files.createFile(file, ownOnly("rw-------"));
            try (OutputStream out = Files.newOutputStream(file)) {
                in.transferTo(out);
            }
            return SymbolLookup.libraryLookup(file, Arena.global());
        } finally {
            Files.deleteIfExists(file); // stays mapped; nothing is left behind when the JVM dies
            Files.deleteIfExists(folder);
        }
    }

    /**
     * As {@link Files#createTempDirectory}, whose names nobody can guess, at the cost of starting
     * Java's secure random numbers. This one only has to be new.
     */
    private static Path newFolder() throws IOException {
        Path place = Path.of(System.getProperty("java.io.tmpdir"));
        while (true) {
            Path folder = place.resolve("libhighpage" + Long.toHexString(System.nanoTime()));
            try {
                return Files.createDirectory(folder, ownOnly("rwx------")); // whatever the umask
            } catch (FileAlreadyExistsException ofAnother) {
                // Later there is another name.
            }
        }
    }

    private static FileAttribute<?> ownOnly(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** {@return the library's symbols, if it is there} */
    public static Optional<SymbolLookup> lookup() {
        return Optional.ofNullable(LOOKUP);
    }

    /** {@return {@code loaded}, or why it is not} */
    public static String status() {
        return STATUS;
    }

    /** Links a function of the library. */
    @SuppressWarnings("restricted")
    public static MethodHandle link(
            SymbolLookup library, String name, FunctionDescriptor type, Linker.Option... options) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type, options);
    }

    /** {@return what a method handle threw, as something that needs no declaration} */
    public static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException runtime
                ? runtime
                : new IllegalStateException("a method handle threw a checked exception", failure);
    }
}
