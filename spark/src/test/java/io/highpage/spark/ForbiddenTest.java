// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.testkit.JavaProcess;
import io.highpage.testkit.Seccomp;
import io.highpage.testkit.opencl.RequireOpenCl;
import io.highpage.uring.Ring;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Executors that are not allowed io_uring, or to lock memory, do their jobs all the same. */
class ForbiddenTest {
    private static final int MIB = 1 << 20;
    private static final int IO_URING_SETUP = 425; // on all processors
    private static final int ROUNDS = 3;

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsADriver() {
        RequireOpenCl.check();
    }

    @Test
    void ioUringThatIsForbidden() throws Exception {
        assumeTrue(Seccomp.isSupported(), "a seccomp filter was NOT tested: not on x86-64");
        assertThat(run(List.of(), "forbidden"))
                .contains("no ring: io_uring_setup failed with EPERM")
                .contains("\n4 outputs are right\n");
    }

    /** A user like those of a container, who may read the class path. */
    @Test
    void memoryThatMayNotBeLocked() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "memlock was NOT tested");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> asNobody = List.of(
                "prlimit",
                "--memlock=4096:4096",
                "setpriv",
                "--bounding-set=-ipc_lock",
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=+dac_read_search",
                "--reuid=nobody",
                "--clear-groups");
        assertThat(run(asNobody, "locked")).contains("\n4 outputs are right\n");
    }

    private String run(List<String> under, String mode) throws Exception {
        ProcessBuilder program = JavaProcess.of(
                List.of("--enable-native-access=ALL-UNNAMED", "-Dhighpage.cache=" + folder),
                Child.class,
                mode,
                folder);
        program.environment().put("LD_PRELOAD", SparkCluster.libjsig());
        program.environment().put("POCL_CACHE_DIR", folder.resolve("pocl").toString());
        program.environment().put("HOME", folder.toString());
        program.command().addAll(0, under);
        return JavaProcess.run(program);
    }

    /** A job of four tasks in a process that lacks something. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            if (arguments[0].equals("forbidden")) {
                Seccomp.forbid(IO_URING_SETUP);
                System.out.println("no ring: " + Ring.unavailable().orElse(""));
            }
            JobFiles files = new JobFiles(Path.of(arguments[1]));
            SparkConf conf = SparkCluster.local("forbidden")
                    .set("spark.plugins", HighpagePlugin.class.getName())
                    .set("spark.highpage.device", "opencl:0")
                    .set("spark.highpage.deviceMemory", "64m");
            try (JavaSparkContext spark = new JavaSparkContext(conf)) {
                List<FileRange> inputs = FileRange.cut(files.input("a.f32", 4 * MIB), MIB);
                JobResult result = DeviceJobs.map(
                        spark,
                        inputs,
                        files.outputs().toString(),
                        JobFiles.steps(ROUNDS),
                        JobOptions.defaults().pieceBytes(MIB).sameBits(true));
                files.check(result, inputs, ROUNDS);
                System.out.println(result.outputs().size() + " outputs are right");
            }
        }
    }
}
