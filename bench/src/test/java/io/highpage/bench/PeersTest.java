// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.Devices;
import io.highpage.opencl.OpenClDevice;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The round trips with JOCL and LWJGL where other drivers and other users are: in JVMs of their
 * own.
 */
class PeersTest {
    private static final int BYTES = 4096;

    @TempDir
    private Path folder;

    /** Makes one round trip. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            try (OpenClDevice device = (OpenClDevice) Devices.named("opencl").open();
                    JoclPeer peer = new JoclPeer(device, BYTES, false)) {
                peer.writeAndRead();
                System.out.println("there and back");
            }
        }
    }

    /** The same with LWJGL. */
    static final class Lwjgl {
        private Lwjgl() {}

        public static void main(String[] arguments) {
            try (OpenClDevice device = (OpenClDevice) Devices.named("opencl").open();
                    LwjglPeer peer = new LwjglPeer(device, BYTES, false)) {
                peer.writeAndRead();
                System.out.println("there and back");
            }
        }
    }

    /** It would take a file there that has the same CRC. */
    @Test
    void lwjglUsesNoNameInTheTemporaryFolderThatAnybodyKnows_andLeavesNothing() throws Exception {
        RequireDevice.check("opencl:0");
        assertThat(run(program(Lwjgl.class))).endsWith("there and back\n");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void nothingIsLoadedThatSomebodyElsePutIntoTheTemporaryFolder() throws Exception {
        RequireDevice.check("opencl:0");
        Files.writeString(folder.resolve("libJOCL_2_0_6-linux-x86_64.so"), "not JOCL's");
        assertThat(run(program(Program.class))).isEqualTo("there and back\n");
    }

    /** OpenCL 1.2, and strict about device types as Mesa's driver is. */
    @Test
    void anotherDriverIsUsedAsAnyOther() throws Exception {
        RequireDevice.check("opencl:0");
        Path shim = Path.of("../native/target/cmake/plain/libclshim.so").toAbsolutePath();
        assumeTrue(
                Files.exists(shim),
                "the OpenCL driver for tests is not built; install: opencl-headers cmake gcc");
        Files.writeString(folder.resolve("shim.icd"), shim.normalize() + "\n");
        ProcessBuilder program = program(Program.class);
        program.environment().put("OCL_ICD_VENDORS", folder.toString());
        program.environment().put("SHIM_VERSION", "1.2");
        program.environment().put("SHIM_STRICT", "1");
        assertThat(run(program)).isEqualTo("there and back\n");
    }

    private ProcessBuilder program(Class<?> main) {
        return JavaProcess.of(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + folder,
                        "-XX:ErrorFile=/dev/null"),
                main);
    }

    private static String run(ProcessBuilder program) throws IOException {
        return new String(program.start().getInputStream().readAllBytes());
    }
}
