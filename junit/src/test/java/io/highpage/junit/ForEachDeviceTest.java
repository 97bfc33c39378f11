// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceProvider;
import io.highpage.device.Devices;
import io.highpage.junit.DeviceInvocations.Invocation;
import io.highpage.junit.DeviceInvocations.Missing;
import io.highpage.junit.DeviceInvocations.OnDevice;

import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestTag;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs samples on the devices of this machine, and on none. */
class ForEachDeviceTest {
    private static final List<String> RAN = new ArrayList<>();

    /** A family that is nowhere. */
    private static final DeviceProvider ABACUS = new DeviceProvider() {
        @Override
        public String family() {
            return "abacus";
        }

        @Override
        public List<DeviceInfo> find() {
            return List.of();
        }

        @Override
        public Optional<String> missing() {
            return Optional.of("install the package beads");
        }
    };

    @Tag("sample")
    static class MethodSample {
        @ForEachDevice
        void test(DeviceInfo device) {
            RAN.add(device.name());
        }
    }

    @Tag("sample")
    @ForEachDevice
    static class ClassSample {
        private final DeviceInfo device;

        ClassSample(DeviceInfo device) {
            this.device = device;
        }

        @Test
        void test() {
            RAN.add(device.name());
        }
    }

    /** Invocations as on a machine without an abacus. */
    abstract static class WithoutAbacus
            implements TestTemplateInvocationContextProvider,
                    ClassTemplateInvocationContextProvider {
        private final boolean required;

        WithoutAbacus(boolean required) {
            this.required = required;
        }

        @Override
        public boolean supportsTestTemplate(ExtensionContext context) {
            return true;
        }

        @Override
        public java.util.stream.Stream<TestTemplateInvocationContext>
                provideTestTemplateInvocationContexts(ExtensionContext context) {
            return invocations().map(TestTemplateInvocationContext.class::cast);
        }

        @Override
        public boolean supportsClassTemplate(ExtensionContext context) {
            return true;
        }

        @Override
        public java.util.stream.Stream<ClassTemplateInvocationContext>
                provideClassTemplateInvocationContexts(ExtensionContext context) {
            return invocations().map(ClassTemplateInvocationContext.class::cast);
        }

        private java.util.stream.Stream<Invocation> invocations() {
            return DeviceInvocations.invocations(
                    List.of(ABACUS),
                    null,
                    name -> required && name.equals("HIGHPAGE_REQUIRE_ABACUS"))
                    .stream();
        }
    }

    static class Optionally extends WithoutAbacus {
        Optionally() {
            super(false);
        }
    }

    static class Strictly extends WithoutAbacus {
        Strictly() {
            super(true);
        }
    }

    @Tag("sample")
    static class OptionalSample {
        @TestTemplate
        @ExtendWith(Optionally.class)
        void test(DeviceInfo device) {
            RAN.add(device.name());
        }
    }

    @Tag("sample")
    static class StrictSample {
        @TestTemplate
        @ExtendWith(Strictly.class)
        void test(DeviceInfo device) {
            RAN.add(device.name());
        }
    }

    @Tag("sample")
    @ClassTemplate
    @ExtendWith(Optionally.class)
    static class OptionalClassSample extends Constructed {
        OptionalClassSample(DeviceInfo device) {
            super(device);
        }
    }

    @Tag("sample")
    @ClassTemplate
    @ExtendWith(Strictly.class)
    static class StrictClassSample extends Constructed {
        StrictClassSample(DeviceInfo device) {
            super(device);
        }
    }

    abstract static class Constructed {
        Constructed(DeviceInfo device) {
            RAN.add(device.name());
        }

        @Test
        void test() {
            RAN.add("test");
        }
    }

    private static Events run(Class<?> sample) {
        RAN.clear();
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(sample))
                .execute()
                .allEvents();
    }

    private static List<String> expectedNames() {
        String only = System.getProperty("highpage.device", "");
        return only.isEmpty()
                ? Devices.find().stream().map(DeviceInfo::name).toList()
                : List.of(Devices.named(only).name());
    }

    @Test
    void method_runsOnEveryDeviceFound() {
        run(MethodSample.class).assertStatistics(stats -> stats.failed(0));
        assertThat(RAN).containsExactlyInAnyOrderElementsOf(expectedNames());
    }

    @Test
    void class_runsOnEveryDeviceFound() {
        Events events = run(ClassSample.class);
        events.assertStatistics(stats -> stats.failed(0));
        assertThat(RAN).containsExactlyInAnyOrderElementsOf(expectedNames());
        assertThat(events.started().list())
                .extracting(event -> event.getTestDescriptor().getDisplayName())
                .anyMatch(name -> name.startsWith(expectedNames().getFirst() + " ("));
        assertThat(events.started().list())
                .as("the tag that chooses tests of devices")
                .anyMatch(event ->
                        event.getTestDescriptor().getTags().contains(TestTag.create("device")));
    }

    @ParameterizedTest
    @ValueSource(classes = {OptionalSample.class, OptionalClassSample.class})
    void missingFamily_isLeftOutAndSaysWhatToInstall(Class<?> sample) {
        Events events = run(sample);
        events.assertStatistics(stats -> stats.failed(0).aborted(1));
        assertThat(RAN).isEmpty();
        Event aborted = events.aborted().list().getFirst();
        assertThat(aborted.toString()).contains("no abacus device: install the package beads");
        assertThat(events.started().list())
                .extracting(event -> event.getTestDescriptor().getDisplayName())
                .contains("abacus: NOT RUN, install the package beads");
    }

    @ParameterizedTest
    @ValueSource(classes = {StrictSample.class, StrictClassSample.class})
    void missingFamily_thatIsRequired_fails(Class<?> sample) {
        Events events = run(sample);
        events.assertStatistics(stats -> stats.failed(1));
        assertThat(events.failed().list().getFirst().toString())
                .contains("HIGHPAGE_REQUIRE_ABACUS=true")
                .contains("install the package beads");
        assertThat(RAN).isEmpty();
    }

    @Test
    void oneDevice_named_isTheOnlyOne() {
        List<Invocation> invocations =
                DeviceInvocations.invocations(List.of(ABACUS), "host-private", name -> true);
        assertThat(invocations)
                .singleElement()
                .isInstanceOfSatisfying(
                        OnDevice.class,
                        run -> assertThat(run.device().name()).isEqualTo("host-private"));
        assertThatThrownBy(() -> DeviceInvocations.invocations(List.of(), "abacus", name -> true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'abacus'");
    }

    @Test
    void emptyProperty_isAsNone() {
        assertThat(DeviceInvocations.invocations(List.of(ABACUS), "", name -> false))
                .singleElement()
                .isInstanceOf(Missing.class);
    }
}
