// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static io.highpage.bindings.linux.linux_h.MADV_NOHUGEPAGE;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Terms;
import io.highpage.testkit.Seccomp;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A child JVM that does what its first argument says, in a system that lacks something; and prints
 * what came of it.
 */
final class SystemChild {
    private static final long PAGE = 4096;
    private static final long MIB = 1L << 20;
    private static final Terms LOCKED = Pin.longTerm().pageLocked();

    private SystemChild() {}

    public static void main(String[] arguments) throws Exception {
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        switch (arguments[0]) {
            case "locked-without-proc" -> lockedWithoutProc();
            case "locked" -> locked();
            case "fill" -> fill(Long.parseLong(rest.getFirst()) * MIB);
            case "offered" -> offered();
            case "sparse" -> sparse();
            case "mappings" -> mappings();
            case "descriptors" -> descriptors();
            case "strange-name" -> strangeName();
            case "copies" -> copies();
            case "cut-file" -> cutFile(Path.of(rest.getFirst()));
            case "forged" -> forged();
            case "program" -> program();
            case "library in a loader" -> libraryInALoader();
            case "library" -> library();
            case "forbidden" -> forbidden();
            case "denied" -> denied();
            case "private-memory" -> privateMemory();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static Highpage open() {
        return Highpage.builder().device(HostDevice.coherent(1 << 30)).open();
    }

    /** What throws is the answer. */
    private interface Action {
        void run() throws Exception;
    }

    private static void attempt(String what, Action action) {
        try {
            action.run();
            System.out.println(what + ": done");
        } catch (Throwable thrown) {
            System.out.println(what + ": " + thrown);
        }
    }

    private static void lockedWithoutProc() throws Exception {
        int status = new ProcessBuilder("mount", "-t", "tmpfs", "none", "/proc")
                .inheritIO()
                .start()
                .waitFor();
        System.out.println("hidden: " + (status == 0 && !Files.exists(Path.of("/proc/self"))));
        locked();
    }

    private static void locked() {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(8 * PAGE)) {
            attempt("pin", () -> {
                try (Pin pin = buffer.range(0, PAGE).pin(LOCKED)) {
                    System.out.println(pin.verify());
                }
            });
        }
    }

    private static void fill(long bytes) {
        for (boolean coherent : new boolean[] {true, false}) {
            HostDevice device =
                    coherent ? HostDevice.coherent(4 * bytes) : HostDevice.privateMemory(4 * bytes);
            try (Highpage hp = Highpage.builder().device(device).open()) {
                try (PageBuffer buffer = hp.allocate(bytes)) {
                    attempt("fill", () -> buffer.range(0, bytes).fill((byte) 1));
                    attempt("pin", () -> buffer.pin(Pin.longTerm()).close());
                }
                try (PageBuffer buffer = hp.allocate(bytes)) {
                    System.out.println("prefetch: " + hp.device().name() + " "
                            + buffer.prefetch(hp.device()).failure());
                }
                try (PageBuffer small = hp.allocate(MIB)) {
                    attempt("afterwards", () -> small.range(0, MIB).fill((byte) 1));
                }
            }
        }
    }

    private static void offered() {
        for (DeviceInfo device : Devices.find()) {
            if (device.name().startsWith("host")) {
                System.out.println(device.name() + " has " + device.capacityBytes());
            }
        }
    }

    private static long resident() {
        return ProcFile.statusBytes("VmRSS:").orElseThrow();
    }

    /** Every 512th page of 1 GiB. */
    private static void sparse() {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(1 << 30)) {
            buffer.write(0, MemorySegment.ofArray(new byte[] {1}));
            long before = resident();
            for (long page = 0; page < buffer.pageCount(); page += 512) {
                buffer.write(page * PAGE, MemorySegment.ofArray(new byte[] {1}));
            }
            System.out.println("MiB: " + (resident() - before) / MIB);
        }
    }

    /** Leaves the kernel no room to split a mapping, and closes every second window. */
    private static void mappings() throws Exception {
        closeEverySecond(10, 0); // loads what it takes, since the JVM needs mappings for that
        System.getLogger("warm").log(System.Logger.Level.WARNING, "warm");
        closeEverySecond(600, Mappings.max().orElseThrow() - 60);
    }

    private static void closeEverySecond(int count, long splits) throws Exception {
        try (Highpage hp = open()) {
            List<PageBuffer> buffers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                PageBuffer buffer = hp.allocate(MIB);
                buffer.range(0, MIB).fill((byte) 1);
                buffers.add(buffer);
            }
            attempt("mappings", () -> System.out.println(Mappings.full()));
            attempt("map", () -> LinuxMemory.INSTANCE.map(1L << 60, 1, false));
            MemorySegment filler = LinuxMemory.INSTANCE.map((splits + 10) * PAGE, 1, true);
            long had = lines();
            for (long page = 0; had + page < splits; page += 2) {
                Linux.madvise(filler.asSlice(page * PAGE, PAGE), MADV_NOHUGEPAGE());
            }
            long before = resident();
            for (int i = 0; i < count; i += 2) {
                buffers.get(i).close();
            }
            long after = resident();
            System.out.println(Mappings.full());
            attempt("allocate", () -> {
                for (int i = 0; i < count / 2; i++) {
                    buffers.add(hp.allocate(MIB));
                }
            });
            long size = ProcFile.statusBytes("VmSize:").orElseThrow();
            LinuxMemory.INSTANCE.unmap(filler);
            buffers.forEach(PageBuffer::close);
            long left = ProcFile.statusBytes("VmSize:").orElseThrow();
            System.out.println("MiB given back: " + (before - after) / MIB + ", of addresses: "
                    + (size - left - filler.byteSize()) / MIB);
        }
    }

    private static long lines() throws IOException {
        try (BufferedReader maps = ProcFile.open(Path.of("/proc/self/maps"))) {
            return maps.lines().count();
        }
    }

    /** No descriptor is left at the first use of everything, and then again there are some. */
    private static void descriptors() throws Exception {
        List<FileInputStream> open = new ArrayList<>();
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(8 * MIB)) {
            buffer.range(0, PAGE).fill((byte) 1);
            attempt("warm", () -> new FileInputStream("/dev/null").close());
            try {
                while (true) {
                    open.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException none) {
                System.out.println("none: " + none.getMessage());
            }
            attempt("locked", () -> buffer.range(0, PAGE).pin(LOCKED).close());
            attempt("copy", () -> buffer.range(0, 8 * MIB).fill((byte) 1));
            for (FileInputStream each : open) {
                each.close();
            }
            attempt("locked again", () -> buffer.range(0, PAGE).pin(LOCKED).close());
        }
    }

    /** A mapped file whose name is not UTF-8. */
    private static void strangeName() {
        try (Highpage hp = Highpage.open();
                PageBuffer buffer = hp.allocate(PAGE)) {
            attempt("pin", () -> {
                try (Pin pin = buffer.pin(LOCKED)) {
                    System.out.println(pin.verify());
                }
            });
            System.out.println("libjsig: " + SignalHandlers.isLibjsigLoaded());
        }
    }

    /** Copies and moves, large enough to be shared, after a line on standard input. */
    private static void copies() throws IOException {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(32 * MIB);
                PageBuffer other = hp.allocate(32 * MIB);
                Arena arena = Arena.ofShared()) {
            MemorySegment bytes = arena.allocate(32 * MIB);
            System.out.println("ready");
            System.in.read();
            for (int round = 0; round < 3; round++) {
                bytes.fill((byte) (round + 1));
                attempt("write", () -> buffer.write(0, bytes));
                attempt(
                        "prefetch",
                        () -> System.out.println(buffer.prefetch(hp.device()).failure()));
                attempt("copy", () -> buffer.range(0, 32 * MIB).copyTo(other, 0));
                attempt("evict", () -> System.out.println(buffer.evict().failure()));
                attempt("read", () -> other.read(0, bytes));
                System.out.println(
                        "right: " + (bytes.get(ValueLayout.JAVA_BYTE, 32 * MIB - 1) == round + 1));
            }
        }
    }

    /** A mapped file that no longer looks like one, and is cut. */
    private static void cutFile(Path file) throws IOException {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(16 * MIB);
                FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment mapped = MemorySegment.ofBuffer(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, 16 * MIB).asLongBuffer());
            attempt("write", () -> buffer.write(0, mapped));
            channel.truncate(PAGE);
            attempt("write of what was cut", () -> buffer.write(0, mapped));
            attempt("read to what was cut", () -> buffer.read(0, mapped));
        }
    }

    /** A private access's segment with bounds that it does not have. */
    @SuppressWarnings("restricted")
    private static void forged() {
        HostDevice device = HostDevice.privateMemory(1 << 30);
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer buffer = hp.allocate(16 * MIB);
                PageBuffer other = hp.allocate(16 * MIB);
                DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
            MemorySegment forged = access.segment().reinterpret(16 * MIB);
            attempt("write", () -> other.write(0, forged));
            attempt("read", () -> other.read(0, forged));
        }
    }

    /** A program that uses the library first, and ends. */
    private static void program() throws Exception {
        ClassLoader loader = new URLClassLoader(new URL[0]);
        WeakReference<ClassLoader> kept = new WeakReference<>(loader);
        Thread user = new Thread(() -> {
            try (Highpage hp = open();
                    PageBuffer buffer = hp.allocate(16 * MIB)) {
                buffer.write(0, Arena.ofAuto().allocate(16 * MIB));
                buffer.range(0, 16 * MIB).fill((byte) 1);
            }
        });
        user.setContextClassLoader(loader);
        user.start();
        user.join();
        user = null;
        loader = null;
        for (int i = 0; i < 100 && kept.get() != null; i++) {
            System.gc();
            Thread.sleep(20);
        }
        System.out.println("kept: " + kept.get());
    }

    /** Each program has the library itself, and a thread that lives on used it: this one. */
    private static void libraryInALoader() throws Exception {
        List<URL> places = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(":")) {
            places.add(Path.of(each).toUri().toURL());
        }
        ClassLoader loader = new URLClassLoader(
                places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        WeakReference<ClassLoader> kept = new WeakReference<>(loader);
        Method pin = loader.loadClass(SystemChild.class.getName()).getDeclaredMethod("pin");
        pin.setAccessible(true); // another class of the same name
        pin.invoke(null);
        pin = null;
        loader = null;
        for (int i = 0; i < 100 && kept.get() != null; i++) {
            System.gc();
            Thread.sleep(20);
        }
        System.out.println("kept: " + kept.get());
    }

    /** Takes a pin that is registered, in the calling thread. */
    static void pin() {
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(PAGE)) {
            buffer.pin(Pin.longTerm()).close();
            System.out.println(
                    "pinned by " + hp.getClass().getClassLoader().getClass().getSimpleName());
        }
    }

    /** How the native library came in, and the mode of the file that it was loaded from. */
    private static void library() throws IOException {
        System.out.println("library: " + NativeLibrary.status());
        try (BufferedReader maps = ProcFile.open(Path.of("/proc/self/maps"))) {
            for (String line :
                    maps.lines().filter(each -> each.contains("libhighpage")).toList()) {
                Path file = Path.of("/proc/self/map_files", line.substring(0, line.indexOf(' ')));
                System.out.println("mode: "
                        + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
        try (Highpage hp = open();
                PageBuffer buffer = hp.allocate(16 * MIB)) {
            attempt("copy", () -> {
                buffer.range(0, 16 * MIB).fill((byte) 1);
                buffer.prefetch(hp.device());
            });
        }
    }

    /** Under a seccomp filter that forbids mlock2 and memfd_create, as that of a container may. */
    private static void forbidden() {
        Seccomp.forbid(325, 149, 319); // mlock2, mlock for where glibc has no flags, memfd_create
        locked();
        privateMemory();
    }

    private static void denied() {
        for (int round = 0; round < 2; round++) {
            attempt("open", Highpage::open);
            attempt("device", SystemChild::open);
            attempt("find", Devices::find);
        }
        System.out.println("library: " + NativeLibrary.status());
    }

    private static void privateMemory() {
        try (Highpage hp = Highpage.builder()
                        .device(HostDevice.privateMemory(1 << 30))
                        .open();
                PageBuffer buffer = hp.allocate(MIB)) {
            attempt("access", () -> {
                try (DeviceAccess access = buffer.access(hp.device(), AccessMode.READ)) {
                    System.out.println(access.byteSize());
                }
            });
        } catch (HighpageException refused) {
            System.out.println(refused.getMessage());
        }
    }
}
