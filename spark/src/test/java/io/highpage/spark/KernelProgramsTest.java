// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;
import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;
import io.highpage.pipe.KernelException;
import io.highpage.pipe.KernelProgram;
import io.highpage.pipe.KernelSource;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Kernels that the tasks of an executor compile at the same time. */
class KernelProgramsTest {
    private static final int TASKS = 8;
    private static final KernelSource TWO = KernelSource.of(
            "two.cl",
            "kernel void one(global int *x) { *x = 1; }"
                    + " kernel void two(global int *x) { *x = 2; }");
    private static final KernelSource WRONG = KernelSource.of("wrong.cl", "kernel nothing");

    private OpenClDevice device;
    private KernelPrograms programs;

    @BeforeEach
    void open() {
        RequireOpenCl.check();
        DeviceInfo first = Devices.find().stream()
                .filter(each -> each.name().startsWith("opencl"))
                .findFirst()
                .orElseThrow();
        device = Jocl.open(first);
        programs = new KernelPrograms(device);
    }

    @AfterEach
    void close() {
        programs.close();
        device.close();
    }

    private static <T> List<Future<T>> atOnce(Callable<T> task) throws InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(TASKS)) {
            return threads.invokeAll(Collections.nCopies(TASKS, task));
        }
    }

    @Test
    void tasksThatComeAtOnceHaveOneProgram() throws Exception {
        List<KernelProgram> all = new ArrayList<>();
        for (Future<KernelProgram> each : atOnce(() -> {
            try (KernelPrograms.Use use = programs.use(TWO, "one")) {
                return use.program();
            }
        })) {
            all.add(each.get());
        }
        assertThat(all).hasSize(TASKS).containsOnly(all.getFirst());
        try (KernelPrograms.Use other = programs.use(TWO, "two")) {
            assertThat(other.program()).isNotSameAs(all.getFirst());
        }
    }

    @Test
    void oneThatDoesNotCompileIsToldToEveryTaskAndTriedAgainByTheNext() throws Exception {
        for (int round = 0; round < 2; round++) {
            for (Future<KernelPrograms.Use> each : atOnce(() -> programs.use(WRONG, "nothing"))) {
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(each::get)
                        .withCauseInstanceOf(KernelException.class);
            }
        }
        programs.use(TWO, "one").close();
    }

    /** The compiler waits for a header until somebody writes it. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void oneThatIsBeingCompiled_keepsNobodyFromOthers(@TempDir Path folder) throws Exception {
        programs.use(TWO, "one").close();
        Path header = folder.resolve("slow.h");
        assertThat(new ProcessBuilder("mkfifo", header.toString()).start().waitFor())
                .isZero();
        KernelSource slow = new KernelSource(
                "slow.cl",
                "#include \"slow.h\"\nkernel void k(global int *x) { *x = 1; }",
                "-I" + folder);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<KernelPrograms.Use> compiling = threads.submit(() -> programs.use(slow, "k"));
            try (OutputStream written = Files.newOutputStream(header)) { // once it is read
                threads.submit(() -> programs.use(TWO, "one")).get().close();
                assertThat(compiling.isDone()).isFalse();
                written.write('\n');
            }
            compiling.get().close();
        }
    }

    /** Nobody uses what is closed, and an executor's memory for programs has an end. */
    @Test
    void manyAreMade_andAfterTheEndNone() throws Exception {
        for (int i = 0; i < 40; i++) {
            KernelSource source =
                    KernelSource.of(i + ".cl", "kernel void k(global int *x) { *x = " + i + "; }");
            programs.use(source, "k").close();
        }
        programs.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> programs.use(TWO, "one"))
                .withMessageContaining("ends");
    }
}
