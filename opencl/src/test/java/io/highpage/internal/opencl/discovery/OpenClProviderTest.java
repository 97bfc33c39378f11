// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_DEVICE_TYPE_CPU;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_OUT_OF_RESOURCES;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceMemory;
import io.highpage.device.DeviceProvider;
import io.highpage.device.Devices;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.FaultAt;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.opencl.OpenClDevice;
import io.highpage.opencl.OpenClMemoryMode;
import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

@Tag("opencl")
class OpenClProviderTest {
    private static DeviceInfo named(List<DeviceInfo> found, String name) {
        return found.stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + found));
    }

    @Test
    void provider_isInstalled_andFindsTheDeviceByName() {
        FirstDevice.device();
        assertThat(Devices.providers()).extracting(DeviceProvider::family).contains("opencl");
        try (DeviceMemory device = Devices.named("opencl").open()) {
            assertThat(device).isInstanceOf(OpenClDevice.class);
            assertThat(device.name()).isEqualTo("opencl:0");
        }
    }

    @Test
    void device_isOfferedInItsBestMode_andAsPrivateByName() {
        ClDeviceFacts facts = FirstDevice.device();
        List<DeviceInfo> found = new OpenClProvider().find();

        DeviceInfo best = named(found, "opencl:0");
        boolean fine = OpenClMemoryMode.FINE_GRAINED_SVM.isSupported(facts.svm());
        assertThat(best.kind()).isEqualTo(fine ? DeviceKind.COHERENT : DeviceKind.PRIVATE);
        assertThat(best.svm()).isEqualTo(facts.svmText());
        assertThat(best.capacityBytes()).isPositive();
        assertThat(best.maxExtentBytes()).isPositive();
        assertThat(best.preferred()).isPositive();

        DeviceInfo buffer = named(found, "opencl-buffer:0");
        assertThat(buffer.kind()).isEqualTo(DeviceKind.PRIVATE);
        assertThat(buffer.preferred()).isNegative();
        try (OpenClDevice device = (OpenClDevice) buffer.open()) {
            assertThat(device.mode()).isEqualTo(OpenClMemoryMode.BUFFER);
            assertThat(device.name()).isEqualTo("opencl-buffer:0");
        }
        if (OpenClMemoryMode.COARSE_GRAINED_SVM.isSupported(facts.svm())) {
            try (OpenClDevice device =
                    (OpenClDevice) named(found, "opencl-private:0").open()) {
                assertThat(device.mode()).isEqualTo(OpenClMemoryMode.COARSE_GRAINED_SVM);
            }
        }
    }

    @Test
    void pocl_isCoherent_andRanksAboveTheHostDevice() {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(
                facts.platformName().equals("Portable Computing Language"),
                "the first device is not PoCL's");
        assumeTrue(
                System.getenv("SHIM_CHECK") == null, "the driver for tests changes what PoCL says");
        assumeTrue(
                (facts.type() & CL_DEVICE_TYPE_CPU()) != 0, "PoCL's first device is not the CPU");
        DeviceInfo best = named(new OpenClProvider().find(), "opencl:0");
        assertThat(best.svm()).startsWith("fine-grained").endsWith(", atomics");
        assertThat(best.kind()).isEqualTo(DeviceKind.COHERENT);
        assertThat(best.preferred()).isEqualTo(20);
    }

    @Test
    void find_makesNoContext() {
        FirstDevice.device();
        FaultAt calls = new FaultAt(0, 0);
        new OpenClProvider(calls).find();
        assertThat(calls.calls()).isNotEmpty().allMatch(call -> call.startsWith("clGet"));
    }

    @Test
    void anyCall_failing_isSaidAndSurvived() {
        FirstDevice.device();
        int all = new OpenClProvider().find().size();
        FaultAt fault = new FaultAt(1, CL_OUT_OF_RESOURCES());
        boolean fewer = false;
        for (int n = 2; ; n++) {
            OpenClProvider provider = new OpenClProvider(fault);
            int found = provider.find().size();
            if (!fault.hasFired()) {
                assertThat(found).isEqualTo(all);
                assertThat(fewer).isTrue();
                return;
            }
            // A call about a platform that has no device costs none.
            assertThat(found).isLessThanOrEqualTo(all);
            fewer |= found < all;
            fault = new FaultAt(n, CL_OUT_OF_RESOURCES());
        }
    }

    @Test
    void driverThatFails_isNamedInWhatIsMissing() {
        FirstDevice.device();
        OpenClProvider provider = new OpenClProvider(
                call -> call.equals("clGetDeviceIDs") ? CL_OUT_OF_RESOURCES() : 0);
        assertThat(provider.find()).isEmpty();
        assertThat(provider.missing())
                .hasValueSatisfying(text -> assertThat(text)
                        .contains(FirstDevice.device().platformName())
                        .contains("is left out: clGetDeviceIDs failed with"
                                + " CL_OUT_OF_RESOURCES (-5)"));
    }

    @Test
    void loaderWithoutDriver_isSaidWithWhereItLooked() throws Exception {
        FirstDevice.device();
        String output = JavaProcess.outcome(JavaProcess.mortal(
                FindMain.class, Map.of("OCL_ICD_VENDORS", "/nonexistent/vendors")));
        assertThat(output)
                .contains("missing no OpenCL device: libOpenCL.so.1 is there, but no driver is"
                        + " registered in "
                        + "/nonexistent/vendors")
                .contains("pocl-opencl-icd")
                .doesNotContain("found ")
                .endsWith("exit 0\n");
    }

    @Test
    void svm_isToldInWords() {
        assertThat(facts(0).svmText()).isEqualTo("none");
        assertThat(facts(1).svmText()).isEqualTo("coarse-grained");
        assertThat(facts(3).svmText()).isEqualTo("fine-grained");
        assertThat(facts(11).svmText()).isEqualTo("fine-grained, atomics");
        assertThat(facts(15).svmText()).isEqualTo("fine-grained system, atomics");
        assertThat(OpenClMemoryMode.FINE_GRAINED_SVM.isSupported(facts(1).svm()))
                .isFalse();
        assertThat(OpenClMemoryMode.COARSE_GRAINED_SVM.isSupported(facts(0).svm()))
                .isFalse();
        assertThat(OpenClMemoryMode.BUFFER.isSupported(facts(0).svm())).isTrue();
    }

    private static ClDeviceFacts facts(long svm) {
        MemorySegment none = MemorySegment.NULL;
        return new ClDeviceFacts(none, none, "platform", "device", "1", true, 4, svm, 1, 1, 1);
    }
}
