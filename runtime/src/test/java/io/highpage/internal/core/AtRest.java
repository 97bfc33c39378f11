// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.EvictionPolicy;
import io.highpage.device.DeviceMemory;
import io.highpage.internal.close.Turn;
import io.highpage.internal.os.ProcFile;
import io.highpage.internal.watch.Checks;
import io.highpage.internal.work.SharedWork;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.FaultyDevice;
import io.highpage.testkit.faults.FaultyHostMemory;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Opens runtimes for a test. After it, checks {@link Invariants} of every one that is still open,
 * closes it, and checks that the process is as it was: no window, table, extent or descriptor more,
 * nothing page-locked.
 */
public final class AtRest implements BeforeEachCallback, AfterEachCallback {
    private final List<Rig> rigs = new ArrayList<>();
    private final boolean checked;
    private Footprint before;

    /** Its runtimes are in the checked mode if {@code -Dhighpage.checked} says so. */
    public AtRest() {
        this(Checks.isOn());
    }

    private AtRest(boolean checked) {
        this.checked = checked;
    }

    /** {@return one for tests of what a coherent device lets the CPU do beside kernels} */
    static AtRest unchecked() {
        return new AtRest(false);
    }

    /** A runtime with the faults that it can be given. */
    public record Rig(
            PageRuntime runtime,
            Faults faults,
            List<FaultyDevice> devices,
            FaultyHostMemory hostMemory) {
        public FaultyDevice device() {
            return devices.getFirst();
        }

        /** Checks that everything was given back; the runtime has been closed. */
        public void checkGone() {
            assertThat(hostMemory.openMappings())
                    .as("windows and tables that stay mapped")
                    .isZero();
            assertThat(runtime.budget().info().toString())
                    .as("what budgets have in use")
                    .doesNotContainPattern("[1-9][0-9]* of ");
            for (FaultyDevice device : devices) {
                assertThat(device.openExtents())
                        .as("extents of %s", device.name())
                        .isZero();
                assertThat(device.isClosed()).as("%s closed", device.name()).isTrue();
            }
        }
    }

    /** What this process has of the kinds that the library makes. */
    private record Footprint(long windowBytes, long decoys, long descriptors, long lockedBytes) {
        static Footprint now() throws IOException {
            return new Footprint(
                    windowBytesNow(),
                    decoysNow(),
                    descriptorsNow(),
                    ProcFile.statusBytes("VmLck:").orElseThrow());
        }

        /** Only the library's memory is kept from forked children: "dc" in the kernel's account. */
        private static long windowBytesNow() throws IOException {
            return windowBytes("Size:");
        }

        private static long windowBytes(String kind) throws IOException {
            long total = 0;
            long size = 0;
            for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
                if (line.startsWith(kind)) {
                    size = Long.parseLong(line.replaceAll("\\D", ""));
                } else if (line.startsWith("VmFlags:") && (line + " ").contains(" dc ")) {
                    total += size;
                }
            }
            return total * 1024;
        }

        private static long decoysNow() throws IOException {
            try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
                return lines.filter(line -> line.contains("memfd:highpage")).count();
            }
        }

        private static long descriptorsNow() {
            String[] names = Path.of("/proc/self/fd").toFile().list();
            return names == null
                    ? 0
                    : Arrays.stream(names).filter(Footprint::isMemfd).count();
        }

        private static boolean isMemfd(String name) {
            try {
                return Files.readSymbolicLink(Path.of("/proc/self/fd", name))
                        .toString()
                        .contains("highpage");
            } catch (IOException gone) {
                return false;
            }
        }
    }

    /** {@return how much of this process's windows and tables is in memory} */
    static long residentBytes() throws IOException {
        return Footprint.windowBytes("Rss:");
    }

    /** Opens a runtime without limit. */
    public Rig open(DeviceMemory... devices) {
        return open(Long.MAX_VALUE, devices);
    }

    /** Opens a runtime with a limit of device memory. */
    public Rig open(long deviceMemoryBytes, DeviceMemory... devices) {
        return open(deviceMemoryBytes, PageRuntime.OWN_POLICY, devices);
    }

    /** Opens a runtime with a limit of device memory, and a policy of who leaves. */
    Rig open(long deviceMemoryBytes, EvictionPolicy policy, DeviceMemory... devices) {
        return open(deviceMemoryBytes, policy, checked, devices);
    }

    /** Opens a runtime in the checked mode, or not. */
    Rig openChecked(boolean isChecked, DeviceMemory... devices) {
        return open(Long.MAX_VALUE, PageRuntime.OWN_POLICY, isChecked, devices);
    }

    private Rig open(
            long deviceMemoryBytes,
            EvictionPolicy policy,
            boolean isChecked,
            DeviceMemory... devices) {
        Faults faults = new Faults();
        List<FaultyDevice> faulty = Arrays.stream(devices)
                .map(device -> new FaultyDevice(device, faults))
                .toList();
        FaultyHostMemory hostMemory = new FaultyHostMemory(faults);
        PageRuntime runtime = PageRuntime.open(
                List.copyOf(faulty),
                deviceMemoryBytes,
                hostMemory,
                policy,
                isChecked,
                SharedWork.threads());
        Rig rig = new Rig(runtime, faults, faulty, hostMemory);
        rigs.add(rig);
        return rig;
    }

    /**
     * Opens a runtime on devices as they are: for kernels of the host device, which must know it.
     */
    public PageRuntime openPlain(DeviceMemory... devices) {
        Faults faults = new Faults();
        FaultyHostMemory hostMemory = new FaultyHostMemory(faults);
        PageRuntime runtime = PageRuntime.open(
                List.of(devices),
                Long.MAX_VALUE,
                hostMemory,
                PageRuntime.OWN_POLICY,
                checked,
                SharedWork.threads());
        rigs.add(new Rig(runtime, faults, List.of(), hostMemory));
        return runtime;
    }

    /** Checks and closes what was opened so far: for tests that open many. */
    public void settle() {
        for (Rig rig : rigs) {
            rig.faults().disarm();
            rig.runtime().background().end(Turn.atMost(10_000_000_000L));
            Invariants.checkAtRest(rig.runtime());
            rig.runtime().close();
            rig.checkGone();
        }
        rigs.clear();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        before = Footprint.now();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isEmpty()) {
            settle();
            assertThat(Footprint.now())
                    .as("what the process has, before and after")
                    .isEqualTo(before);
        }
    }
}
