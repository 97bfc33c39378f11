// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Pin;
import io.highpage.outcome.Strength;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An operation that the kernel cannot cancel: a write to a file system that is frozen. */
class RingStuckTest extends RingTest {
    private Path mount;
    private boolean mounted;
    private boolean frozen;

    @BeforeEach
    void mountFileSystem() throws Exception {
        String left = "operations that cannot be cancelled were NOT tested: ";
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                left + "freezing a file system is for root");
        for (String tool : new String[] {"mkfs.ext4", "fsfreeze"}) {
            assumeTrue(
                    Files.isExecutable(Path.of("/usr/sbin", tool)),
                    left + tool + " (package e2fsprogs or util-linux) is missing");
        }
        Path image = folder.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(16 * BYTES);
        }
        mount = Files.createDirectory(folder.resolve("mount"));
        assertThat(run("mkfs.ext4", "-q", image.toString())).isTrue();
        mounted = run("mount", "-o", "loop", image.toString(), mount.toString());
        assumeTrue(mounted, left + "there are no loop devices");
    }

    @AfterEach
    void unmountFileSystem() throws Exception {
        if (mounted) {
            thaw();
            assertThat(run("umount", mount.toString())).isTrue();
        }
    }

    private void thaw() throws Exception {
        if (frozen) {
            assertThat(run("fsfreeze", "--unfreeze", mount.toString())).isTrue();
            frozen = false;
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }

    @Test
    void close_saysWhatDidNotEnd_keepsThePin_andCanBeRepeated() throws Exception {
        Path path = mount.resolve("file");
        Pin pin = buffer.pin(Pin.longTerm().owner("writer"));
        Ring ring = Ring.builder("stuck").patience(SHORT).open();
        FixedBuffer fixed = ring.register(pin);
        RingFile file =
                RingFile.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        put(pin, random(1000));
        frozen = run("fsfreeze", "--freeze", mount.toString());
        RingOperation write = ring.writeFixed(file, 0, fixed, 0, 1000);
        try {
            assertThatThrownBy(fixed::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot let go of pin 'writer'")
                    .hasMessageContaining(
                            "operations=1 did not end within PT0.05S after they were cancelled");
            assertThatThrownBy(ring::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("io_uring ring 'stuck' cannot close")
                    .hasMessageContaining("writeFixed of file " + path)
                    .hasMessageContaining("stays registered");
            assertThat(pin.strength()).isEqualTo(Strength.KERNEL_HELD);
            assertThatThrownBy(pin::close).hasMessageContaining("'stuck'");
            assertThatThrownBy(() -> ring.register(pin)).hasMessageContaining("is closed");
        } finally {
            thaw();
        }
        assertThat(write.await(SOON)).isEqualTo(1000);
        ring.close();
        file.close();
        assertThat(path).hasBinaryContent(random(1000));
        pin.close();
    }
}
