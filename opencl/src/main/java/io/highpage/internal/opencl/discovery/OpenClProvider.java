// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_ACCELERATOR;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_CPU;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_GPU;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_PLATFORM_NAME;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceProvider;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.ClFaults;
import io.highpage.internal.opencl.probe.CopyFindings;
import io.highpage.internal.os.SignalHandlers;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.outcome.DeviceException;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds OpenCL devices. Each is offered in its best mode ({@code opencl:0}), and by name as a
 * private device ({@code opencl-private:0}, {@code opencl-buffer:0}): to try on one machine what
 * another machine's driver can do. Creates no context. Thread-safe.
 */
public final class OpenClProvider implements DeviceProvider {
    /** More than any driver was seen to need for its start. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String LOSES_PARTS =
            "its driver loses bytes that are written to a part of a cl_mem";

    private final ClFaults faults;

    /** For the service loader. */
    public OpenClProvider() {
        this(ClFaults.NONE);
    }

    OpenClProvider(ClFaults faults) {
        this.faults = faults;
    }

    /** What the drivers said: the devices that can be used, and why others cannot. */
    private record Survey(List<ClDeviceFacts> devices, List<String> failures) {}

    @Override
    public String family() {
        return "opencl";
    }

    @Override
    public List<DeviceInfo> find() {
        Cl.checkAccess();
        if (Cl.missing().isPresent()) {
            return List.of();
        }
        List<ClDeviceFacts> devices = survey().devices();
        List<DeviceInfo> found = new ArrayList<>();
        for (int i = 0; i < devices.size(); i++) {
            found.add(best("opencl:" + i, devices.get(i)));
        }
        addWorse(devices, found);
        return found;
    }

    /** By name, for who asks. */
    private static void addWorse(List<ClDeviceFacts> devices, List<DeviceInfo> found) {
        for (int i = 0; i < devices.size(); i++) {
            if (OpenClMemoryMode.COARSE_GRAINED_SVM.isSupported(devices.get(i).svm())) {
                found.add(info(
                        "opencl-private:" + i,
                        devices.get(i),
                        OpenClMemoryMode.COARSE_GRAINED_SVM,
                        "asked for: its SVM is used as coarse-grained, so it is private",
                        -10));
            }
        }
        for (int i = 0; i < devices.size(); i++) {
            if (!devices.get(i).losesParts()) {
                found.add(info(
                        "opencl-buffer:" + i,
                        devices.get(i),
                        OpenClMemoryMode.BUFFER,
                        "asked for: its memory is used as cl_mem, so it is private",
                        -20));
            }
        }
    }

    @Override
    public Optional<String> missing() {
        if (Cl.missing().isPresent()) {
            return Cl.missing();
        }
        Survey survey = survey();
        boolean offered = !survey.devices().isEmpty() || !survey.failures().isEmpty();
        List<String> said = new ArrayList<>(survey.failures());
        said.addAll(RegisteredDrivers.problems(offered));
        if (!said.isEmpty()) {
            return Optional.of("OpenCL: " + String.join("; ", said));
        }
        return offered
                ? Optional.empty()
                : Optional.of(
                        "no OpenCL device: libOpenCL.so.1 is there, but no driver is registered in "
                                + RegisteredDrivers.place() + "; " + Cl.HOW_TO_GET);
    }

    private Survey survey() {
        return DriverStart.ask(() -> survey(Cl.open(faults)), PATIENCE);
    }

    /** A driver that fails hides its own devices only. */
    private static Survey survey(Cl cl) {
        Survey survey = new Survey(new ArrayList<>(), new ArrayList<>());
        List<MemorySegment> platforms = List.of();
        try {
            platforms = cl.platforms();
        } catch (DeviceException failure) {
            survey.failures().add(failure.getMessage());
        }
        for (MemorySegment platform : platforms) {
            survey(cl, platform, survey);
        }
        SignalHandlers.warnIfTaken();
        return survey;
    }

    private static void survey(Cl cl, MemorySegment platform, Survey survey) {
        String name = "a platform";
        try {
            String told = cl.platformText(platform, CL_PLATFORM_NAME());
            name = told.isEmpty() ? "a platform without a name" : told;
            List<MemorySegment> devices = cl.devices(platform);
            if (devices.isEmpty()) {
                survey.failures().add(name + " has no device on this machine" + hint(name));
            }
            for (MemorySegment device : devices) {
                survey(survey, ClDeviceFacts.of(cl, device));
            }
        } catch (DeviceException failure) {
            survey.failures().add(name + " is left out: " + failure.getMessage());
        }
    }

    /** PoCL, which can always use the CPU, says nothing when it cannot make its cache. */
    private static String hint(String platform) {
        return platform.equals("Portable Computing Language")
                ? ", as when it cannot write to its cache, by default in ~/.cache/pocl;"
                        + " POCL_CACHE_DIR=FOLDER names another"
                : "";
    }

    private static void survey(Survey survey, ClDeviceFacts facts) {
        String why = whyNot(facts);
        if (why.isEmpty()) {
            survey.devices().add(facts);
        } else {
            survey.failures().add(facts.deviceName() + " is left out: " + why);
        }
    }

    /** {@return why a device cannot be used, empty if it can} */
    private static String whyNot(ClDeviceFacts facts) {
        if (!facts.available()) {
            return "its driver says that it is not available";
        }
        return facts.losesParts() && !facts.hasSvm()
                ? LOSES_PARTS + ", and it has no SVM to keep pages in instead"
                : "";
    }

    private static DeviceInfo best(String name, ClDeviceFacts facts) {
        if (OpenClMemoryMode.FINE_GRAINED_SVM.isSupported(facts.svm())) {
            return info(
                    name,
                    facts,
                    OpenClMemoryMode.FINE_GRAINED_SVM,
                    "fine-grained buffer SVM: the CPU can touch it in place" + withoutBuffer(facts),
                    rank(facts, 40));
        }
        if (OpenClMemoryMode.COARSE_GRAINED_SVM.isSupported(facts.svm())) {
            return info(
                    name,
                    facts,
                    OpenClMemoryMode.COARSE_GRAINED_SVM,
                    "coarse-grained SVM only: the CPU must not touch it, copies go through the"
                            + " driver"
                            + withoutBuffer(facts),
                    rank(facts, 30));
        }
        return info(
                name,
                facts,
                OpenClMemoryMode.BUFFER,
                "no SVM: memory is cl_mem, copies go through the driver",
                rank(facts, 30));
    }

    private static String withoutBuffer(ClDeviceFacts facts) {
        return facts.losesParts() ? "; there is no opencl-buffer of it, since " + LOSES_PARTS : "";
    }

    /**
     * A device that computes beats a driver on the CPU, which beats the host device (10); others
     * cannot run kernels.
     */
    private static int rank(ClDeviceFacts facts, int ofGpu) {
        if ((facts.type() & (CL_DEVICE_TYPE_GPU() | CL_DEVICE_TYPE_ACCELERATOR())) != 0) {
            return ofGpu;
        }
        return (facts.type() & CL_DEVICE_TYPE_CPU()) != 0 ? 20 : 5;
    }

    private static DeviceInfo info(
            String name, ClDeviceFacts facts, OpenClMemoryMode mode, String reason, int preferred) {
        return DeviceInfo.builder(
                        name, mode.kind(), () -> OpenClDevice.open(name, facts.device(), mode))
                .description(facts.description())
                .svm(facts.svmText())
                .reason(reason)
                .copies(() -> copies(facts, mode))
                .capacityBytes(facts.memoryBytes())
                .maxExtentBytes(facts.maxAllocationBytes())
                .preferred(preferred)
                .build();
    }

    private static String copies(ClDeviceFacts facts, OpenClMemoryMode mode) {
        return mode.kind() == DeviceKind.PRIVATE
                ? CopyFindings.words(facts, mode == OpenClMemoryMode.COARSE_GRAINED_SVM)
                : "";
    }
}
