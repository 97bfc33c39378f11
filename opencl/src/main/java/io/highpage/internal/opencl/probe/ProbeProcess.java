// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.close.Closes;
import io.highpage.internal.log.Log;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.work.SharedWork;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that probes: this one's, with nothing on its class path but Highpage, a small heap, and no
 * traces left behind when a driver ends it.
 */
final class ProbeProcess {
    private static final String MAIN = CopyProbeMain.class.getName();

    /** Passed on: it has a part in how fast copies are. */
    private static final String NATIVE = "highpage.native";

    /** What others have every JVM load has no business in this one. */
    private static final List<String> FOR_OTHER_JVMS =
            List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");

    /** Of modules that this one does not use itself. */
    private static final List<String> OTHERS = List.of(
            "io.highpage.bindings.opencl.opencl_constants_h",
            "io.highpage.natives.NativeLibraryResource");

    private static final Duration TO_DIE = Duration.ofSeconds(10);

    /** So many times as long as it may say nothing it may take in all. */
    private static final int LIMITS_MAX = 10;

    /** Longer than any of its lines. */
    private static final int LINE_MAX = 4096;

    /** So often it is looked whether there is something new. */
    private static final Duration STEP = Duration.ofMillis(500);

    /**
     * How it ends by signals that nothing in it sends: SIGHUP, SIGINT, SIGTERM of a session's end,
     * SIGKILL where the kernel is out of memory.
     */
    private static final Set<Integer> BY_SOMEBODY = Set.of(128 + 1, 128 + 2, 128 + 15, 128 + 9);

    private final List<String> command;
    private final Duration limit;
    private final long began = System.nanoTime();
    private boolean told;

    /** Thrown where there can be no such process. */
    static final class Impossible extends Exception {
        private static final long serialVersionUID = 1;

        Impossible(String why) {
            super(why);
        }
    }

    /**
     * What a process said.
     *
     * @param lines its own lines
     * @param end how it ended, in words, for the user
     * @param bySomebody whether a signal ended it that nothing in it sends
     */
    record Said(List<String> lines, String end, boolean bySomebody) {
        static final Said NOTHING = new Said(List.of(), "", false);

        /** {@return what its end says of the way that it was in} */
        WayFinding finding(CopyWay way) {
            return bySomebody ? WayFinding.lacking(way, end) : WayFinding.wrong(way, end);
        }

        /** {@return whether it came to its end, and nobody else had the processors meanwhile} */
        boolean isCalm() {
            return lines.contains(CopyProbeMain.CALM);
        }

        /** {@return whether it came to its end} */
        boolean isWhole() {
            return isCalm() || lines.contains(CopyProbeMain.BUSY);
        }
    }

    private ProbeProcess(List<String> command, Duration limit) {
        this.command = command;
        this.limit = limit;
    }

    /**
     * {@return how to start one}
     *
     * @param limit how long it may say nothing
     */
    static ProbeProcess ofThisJava(Duration limit) throws Impossible {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        if (!Files.isExecutable(java)) {
            throw new Impossible("there is no " + java + " to start a process with");
        }
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null"));
        command.add("-Dhighpage.threads=" + SharedWork.threads()); // as the finding's key has it
        String natively = System.getProperty(NATIVE);
        if (natively != null) {
            command.add("-D" + NATIVE + "=" + natively);
        }
        command.addAll(program());
        return new ProbeProcess(command, limit);
    }

    private static List<String> program() throws Impossible {
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> one : ours()) {
            CodeSource source = one.getProtectionDomain().getCodeSource();
            URL place = source == null ? null : source.getLocation();
            if (place != null && place.getProtocol().equals("jrt")) { // made by jlink
                return List.of(
                        "--enable-native-access=io.highpage,io.highpage.bindings,"
                                + "io.highpage.opencl",
                        "-m",
                        "io.highpage.opencl/" + MAIN);
            }
            try {
                if (place == null || !place.getProtocol().equals("file")) {
                    throw new Impossible("its classes are not in files of their own, but in "
                            + (place == null ? "no place that is known" : place));
                }
                places.add(Path.of(place.toURI()).toString());
            } catch (URISyntaxException odd) {
                throw new Impossible("its classes are in a place that is no path: " + place);
            }
        }
        return List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(File.pathSeparator, places),
                MAIN);
    }

    /** {@return a class of each module that the process needs} */
    private static List<Class<?>> ours() {
        List<Class<?>> ours = new ArrayList<>(List.of(Cl.class, Closes.class));
        for (String name : OTHERS) {
            try {
                ours.add(Class.forName(name, false, Closes.class.getClassLoader()));
            } catch (ClassNotFoundException | LinkageError without) {
                // it goes without then, as this one does, or says that it cannot
            }
        }
        return ours;
    }

    /** Has a process probe ways. */
    Said run(DeviceKey key, Collection<CopyWay> ways) throws Impossible {
        List<String> all = new ArrayList<>(command);
        all.add(key.argument());
        ways.forEach(way -> all.add(way.word()));
        ProcessBuilder builder =
                new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.DISCARD);
        FOR_OTHER_JVMS.forEach(builder.environment()::remove);
        Process process = start(builder);
        try {
            List<String> lines = new ArrayList<>();
            String stuck = awaitWhileItSays(process, lines, key);
            if (stuck == null) {
                return said(lines, process.exitValue());
            }
            process.destroyForcibly();
            await(process, TO_DIE);
            return new Said(lines, stuck, false);
        } catch (IOException unreadable) {
            throw new Impossible("what its process said cannot be read: " + unreadable);
        } finally {
            closeQuietly(process.getOutputStream());
            closeQuietly(process.getInputStream());
        }
    }

    private static Said said(List<String> lines, int code) {
        boolean bySomebody = BY_SOMEBODY.contains(code);
        String why = bySomebody ? ", so somebody else ended it" : "";
        return new Said(lines, "its process ended with exit code " + code + why, bySomebody);
    }

    private static Process start(ProcessBuilder builder) throws Impossible {
        try {
            return builder.start();
        } catch (IOException | SecurityException | UnsupportedOperationException refused) {
            throw new Impossible("no process can be started: " + refused.getMessage());
        }
    }

    private static void closeQuietly(Closeable pipe) {
        try {
            pipe.close();
        } catch (IOException gone) {
            // so is its other end
        }
    }

    /**
     * Hears what it says: what drivers print is not that, and is not kept.
     *
     * @param lines where its own lines go
     * @return why it is not waited for any longer, in words; null if it has ended
     */
    private @Nullable String awaitWhileItSays(Process process, List<String> lines, DeviceKey key)
            throws IOException {
        InputStream says = process.getInputStream();
        String rest = "";
        long begin = System.nanoTime();
        long since = begin;
        boolean ended = false;
        Duration most = limit.multipliedBy(LIMITS_MAX);
        while (!ended && System.nanoTime() - since < limit.toNanos()) {
            if (System.nanoTime() - begin > most.toNanos()) {
                return "its process did not come to an end in " + most.toSeconds() + " s";
            }
            tellIfLong(key);
            ended = await(process, says.available() > 0 ? Duration.ZERO : STEP);
            // What is there, and not until the end: that may be somebody else's to come. A byte is
            // a letter until a line is whole.
            rest += new String(says.readNBytes(says.available()), StandardCharsets.ISO_8859_1);
            int whole = rest.lastIndexOf('\n') + 1;
            int heard = lines.size();
            rest.substring(0, whole)
                    .lines()
                    .filter(line -> line.startsWith(CopyProbeMain.SAYS))
                    .map(line -> line.substring(CopyProbeMain.SAYS.length()))
                    .map(line -> line.getBytes(StandardCharsets.ISO_8859_1))
                    .forEach(line -> lines.add(new String(line, StandardCharsets.UTF_8)));
            rest = rest.substring(Math.max(whole, rest.length() - LINE_MAX));
            since = lines.size() > heard ? System.nanoTime() : since;
        }
        return ended ? null : "its process hung for " + limit.toSeconds() + " s";
    }

    /** Whoever opens the device sees nothing else of it meanwhile. */
    private void tellIfLong(DeviceKey key) {
        Duration usual = limit.dividedBy(2);
        if (!told && System.nanoTime() - began > usual.toNanos()) {
            told = true;
            Log.warn(
                    ProbeProcess.class,
                    "finding out how to copy takes longer than " + usual.toSeconds() + " s for "
                            + key.device() + ": a way hangs, which is given up after "
                            + limit.toSeconds() + " s, or the machine is busy. What is found is"
                            + " kept for the next time; -D" + CopyWay.PROPERTY
                            + "=WAY opens the device without finding out");
        }
    }

    /** A thread that is interrupted waits on, as it would in the driver. */
    private static boolean await(Process process, Duration most) {
        long end = System.nanoTime() + most.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
