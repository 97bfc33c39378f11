// SPDX-License-Identifier: Apache-2.0
package io.highpage.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

class NativeLibraryResourceTest {

    private static final FunctionDescriptor COPY_RUNS =
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    private static final FunctionDescriptor CONSTANTS = FunctionDescriptor.of(ADDRESS, ADDRESS);

    /**
     * A build that could compile and yet has no library must not pass as one without a compiler.
     */
    @Test
    void find_builtWithCompiler_present() {
        assumeTrue(Boolean.getBoolean("highpage.native.expected"), "no cmake or no C compiler");
        assertTrue(
                NativeLibraryResource.find().isPresent(),
                () -> "cmake and a C compiler are there, but not " + NativeLibraryResource.path());
    }

    @Test
    void platform_amd64_isCalledAsTheBuildCallsIt() {
        assertEquals("linux-x86_64", NativeLibraryResource.platform("Linux", "amd64"));
        assertEquals("linux-aarch64", NativeLibraryResource.platform("Linux", "aarch64"));
    }

    @Test
    void copyRuns_oneRun_copiesItAndNothingElse(@TempDir Path folder) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle copyRuns = link(load(folder, arena), "hp_copy_runs", COPY_RUNS);
            MemorySegment source = arena.allocate(3 * 4096, 4096);
            MemorySegment target = arena.allocate(3 * 4096, 4096);
            MemorySegment run = arena.allocate(JAVA_LONG, 2);
            source.fill((byte) 7);
            run.setAtIndex(JAVA_LONG, 0, 4096);
            run.setAtIndex(JAVA_LONG, 1, 4096);
            assertEquals(0, (int) copyRuns.invokeExact(target, source, run, 1L));
            assertEquals(0, target.get(JAVA_BYTE, 4095));
            assertEquals(-1, target.asSlice(4096, 4096).mismatch(source.asSlice(4096, 4096)));
            assertEquals(0, target.get(JAVA_BYTE, 8192));
            assertEquals(
                    1,
                    (int) copyRuns.invokeExact(MemorySegment.NULL, source, run, 1L),
                    "HP_INVALID");
        }
    }

    /** That Java can read the table at all; that both sides agree is the runtime's test. */
    @Test
    void constants_areReadableByName(@TempDir Path folder) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle constants = link(load(folder, arena), "hp_constants", CONSTANTS);
            MemorySegment count = arena.allocate(JAVA_LONG);
            MemorySegment table = (MemorySegment) constants.invokeExact(count);
            table = sized(table, count.get(JAVA_LONG, 0) * 16);
            Map<String, Long> values = new HashMap<>();
            for (long at = 0; at < table.byteSize(); at += 16) {
                MemorySegment name = sized(table.get(ADDRESS, at), 64);
                values.put(name.getString(0), table.get(JAVA_LONG, at + 8));
            }
            assertEquals(8, values.get("STATE_MOVING_TO_HOST"));
            assertEquals(4, values.get("PAGE_PINS_SHIFT"));
            assertEquals(16, values.get("RUN_SIZE"));
            assertEquals(8, values.get("RUN_BYTES_OFFSET"));
        }
    }

    @SuppressWarnings("restricted") // the sizes come from the library
    private static MemorySegment sized(MemorySegment address, long bytes) {
        return address.reinterpret(bytes);
    }

    @SuppressWarnings("restricted") // our own library
    private static SymbolLookup load(Path folder, Arena arena) throws IOException {
        var resource = NativeLibraryResource.find();
        assumeTrue(resource.isPresent(), "built without the native library");
        Path file = folder.resolve("libhighpage.so");
        try (InputStream bytes = resource.orElseThrow().openStream()) {
            Files.copy(bytes, file);
        }
        return SymbolLookup.libraryLookup(file, arena);
    }

    @SuppressWarnings("restricted") // the types are those of highpage.h
    private static MethodHandle link(SymbolLookup library, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }
}
