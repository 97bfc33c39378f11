// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.log.Log;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Findings in files, one for each driver and device, for the processes that come later. Nothing in
 * a file names another one; a file that is not as it should be, or refuses a device, is no file,
 * and a folder that cannot be written to is no failure. Processes replace a file as a whole.
 * Thread-safe.
 */
final class FindingCache {
    private static final String PROPERTY = "highpage.cache";
    private static final long BYTES_MAX = 8192;

    private final @Nullable Path folder;

    FindingCache(@Nullable Path folder) {
        this.folder = folder;
    }

    /** {@return the cache of this user, or what the user's program names} */
    static FindingCache here() {
        try {
            return new FindingCache(place(
                    System.getProperty(PROPERTY),
                    System.getenv("XDG_CACHE_HOME"),
                    System.getProperty("user.home")));
        } catch (InvalidPathException none) {
            return new FindingCache(null);
        }
    }

    static @Nullable Path place(
            @Nullable String named, @Nullable String caches, @Nullable String home) {
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        if (caches != null && Path.of(caches).isAbsolute()) { // others are to be ignored
            return Path.of(caches, "highpage");
        }
        return home != null && Path.of(home).isAbsolute()
                ? Path.of(home, ".cache", "highpage")
                : null;
    }

    /** {@return where a finding is kept, null if nowhere} */
    @Nullable
    Path file(String key) {
        if (folder == null) {
            return null;
        }
        long hash = 0xcbf29ce484222325L; // FNV-1a; another key with the same one replaces the file
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return folder.resolve("opencl-" + Long.toHexString(hash) + ".copies");
    }

    Optional<CopyFinding> read(String key) {
        Path file = file(key);
        try {
            if (file == null
                    || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || Files.size(file) > BYTES_MAX) {
                return Optional.empty();
            }
            return CopyFinding.parse(Files.readString(file), key).filter(CopyFinding::isUsable);
        } catch (IOException | SecurityException unreadable) {
            return Optional.empty();
        }
    }

    void write(String key, CopyFinding finding) {
        Path file = file(key);
        if (file == null || folder == null) {
            return;
        }
        try {
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(folder, "opencl-", ".tmp");
            try {
                Files.writeString(fresh, finding.text(key));
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException | SecurityException | UnsupportedOperationException readOnly) {
            Log.debug(
                    FindingCache.class, "how private devices copy is not remembered: " + readOnly);
        }
    }
}
