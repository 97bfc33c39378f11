// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.host.HostDevice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Providers that fail, beside some that do not. */
class DevicesTest {
    @TempDir
    private Path folder;

    /** Works. */
    public static class Good implements DeviceProvider {
        @Override
        public String family() {
            return "good";
        }

        @Override
        public List<DeviceInfo> find() {
            return List.of(
                    DeviceInfo.builder("good:0", DeviceKind.COHERENT, () -> HostDevice.coherent(1))
                            .description("of a test")
                            .reason("asked for")
                            .capacityBytes(1)
                            .maxExtentBytes(1)
                            .preferred(-1)
                            .build());
        }

        @Override
        public Optional<String> missing() {
            return Optional.empty();
        }
    }

    /** Cannot find. */
    public static final class CannotFind extends Good {
        @Override
        public List<DeviceInfo> find() {
            throw new IllegalStateException("its bus is on fire");
        }
    }

    /** Finds with a class that is not there. */
    public static final class LacksAClass extends Good {
        @Override
        public List<DeviceInfo> find() {
            throw new NoClassDefFoundError("com/vendor/Missing");
        }
    }

    /** Cannot be made. */
    public static final class CannotBeMade extends Good {
        public CannotBeMade() {
            throw new IllegalStateException("its card is gone");
        }
    }

    /** Cannot even be initialized. */
    public static final class CannotBeInitialized extends Good {
        static final int VALUE = Integer.parseInt("none");
    }

    /**
     * The service loader takes no class of a module from a service file: so the providers above are
     * not of this one there.
     */
    private static final class Loader extends URLClassLoader {
        Loader(URL... places) {
            super(places, DevicesTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(DevicesTest.class.getName() + "$")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    private List<DeviceProvider> load(String... classes) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.write(services.resolve(DeviceProvider.class.getName()), List.of(classes));
        Path tests = Path.of("target", "test-classes");
        return SafeProvider.load(
                new Loader(folder.toUri().toURL(), tests.toUri().toURL()));
    }

    @Test
    void providersThatFail_costTheirOwnDevicesOnly_andAreTold() throws IOException {
        List<DeviceProvider> providers = load(
                "com.vendor.NotThere",
                CannotFind.class.getName(),
                CannotBeMade.class.getName(),
                LacksAClass.class.getName(),
                CannotBeInitialized.class.getName(),
                Good.class.getName());
        assertThat(providers.stream().flatMap(provider -> provider.find().stream()))
                .extracting(DeviceInfo::name)
                .contains("good:0", "host");
        List<String> missing = providers.stream()
                .flatMap(provider -> provider.missing().stream())
                .filter(text -> text.contains("left out"))
                .toList();
        assertThat(missing)
                .anySatisfy(text -> assertThat(text)
                        .startsWith("a device provider is left out: ")
                        .contains("com.vendor.NotThere not found"))
                .anySatisfy(text -> assertThat(text)
                        .startsWith("the device provider " + CannotFind.class.getName()
                                + " is left out: ")
                        .endsWith("its bus is on fire"))
                .anySatisfy(text -> assertThat(text)
                        .contains(LacksAClass.class.getName(), "com/vendor/Missing"))
                .anySatisfy(text ->
                        assertThat(text).contains(CannotBeMade.class.getName(), "its card is gone"))
                .anySatisfy(text -> assertThat(text).contains(CannotBeInitialized.class.getName()));
    }

    @Test
    void opencl_withoutItsArtifact_isToldWhatToAdd() {
        assertThat(Devices.missing()).anyMatch(text -> text.contains("add that artifact"));
        assertThatThrownBy(() -> Devices.named("opencl:0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no device 'opencl:0'")
                .hasMessageContaining("the program has no highpage-opencl");
    }

    @Test
    void providersOfOtherFamilies_areNotAsked_forAName() {
        assertThat(Devices.named("host").kind()).isEqualTo(DeviceKind.COHERENT);
        assertThat(Devices.named("host-private").kind()).isEqualTo(DeviceKind.PRIVATE);
        assertThatThrownBy(() -> Devices.named("nosuch"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no device 'nosuch': there is host, host-private");
    }
}
