// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.internal.os.MemoryLimits.Bound;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Limits of control groups of either version, out of files as containers have them; the real ones
 * are in SystemTest.
 */
class MemoryLimitsTest {
    @TempDir
    private Path root;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file.substring(1));
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private Bound tightest() {
        return new MemoryLimits(root).tightest().orElseThrow();
    }

    @BeforeEach
    void machine() throws IOException {
        write(
                "/proc/meminfo",
                "MemTotal:       1000 kB\nMemAvailable:    700 kB\nSwapFree:         100 kB\n");
    }

    private void secondVersion(String own) throws IOException {
        write("/proc/self/cgroup", "0::" + own + "\n");
        write(
                "/proc/self/mountinfo",
                "30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
    }

    @Test
    void outsideOfGroups_theMachineCounts() {
        assertThat(tightest()).isEqualTo(new Bound("this machine", 1_024_000, 819_200));
        assertThat(new MemoryLimits(root).totalBytes()).hasValue(1_024_000);
    }

    @Test
    void nothingReadable_isNotKnown() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));
        assertThat(new MemoryLimits(root).tightest()).isEmpty();
        assertThat(new MemoryLimits(root).totalBytes()).isEmpty();
    }

    @Test
    void secondVersion_theTightestGroupAboveCounts() throws IOException {
        secondVersion("/outer/inner");
        write("/sys/fs/cgroup/outer/memory.max", "500000\n");
        write("/sys/fs/cgroup/outer/memory.current", "450000\n");
        write("/sys/fs/cgroup/outer/memory.swap.max", "20000\n");
        write("/sys/fs/cgroup/outer/memory.swap.current", "5000\n");
        write(
                "/sys/fs/cgroup/outer/memory.stat",
                "anon 7\ninactive_file 1000\nactive_file 200\nshmem 9\n");
        write("/sys/fs/cgroup/outer/inner/memory.max", "max\n");
        write("/sys/fs/cgroup/outer/inner/memory.current", "450000\n");
        assertThat(tightest().limit()).isEqualTo(500_000);
        assertThat(tightest().free()).isEqualTo(50_000 + 1200 + 15_000);
        assertThat(tightest().name()).contains("/sys/fs/cgroup/outer)");
    }

    @Test
    void secondVersion_insideOfAContainer_theTopIsItsOwn() throws IOException {
        secondVersion("/");
        write("/sys/fs/cgroup/memory.max", "300000\n");
        write("/sys/fs/cgroup/memory.current", "290000\n");
        write("/sys/fs/cgroup/memory.swap.max", "0\n");
        assertThat(tightest().free()).isEqualTo(10_000);
        assertThat(new MemoryLimits(root).totalBytes()).hasValue(300_000);
    }

    @Test
    void firstVersion_withASeenPathThatIsNotThere_theMountCounts() throws IOException {
        write("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n");
        write(
                "/proc/self/mountinfo",
                "31 25 0:27 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                        + "32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "400000\n");
        write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
        write("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "410000\n");
        write("/sys/fs/cgroup/memory/memory.memsw.usage_in_bytes", "100000\n");
        write(
                "/sys/fs/cgroup/memory/memory.stat",
                "total_inactive_file 500\ntotal_active_file 5\ninactive_file 1\n");
        assertThat(tightest().free()).isEqualTo(300_000 + 505 + 10_000);
    }
}
