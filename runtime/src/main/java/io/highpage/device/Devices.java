// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import io.highpage.internal.jvm.NativeAccess;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The devices of this machine, over all {@linkplain DeviceProvider providers}. Thread-safe. */
public final class Devices {
    /** Devices that most machines have, by an artifact of its own. */
    private static final String OPENCL = "opencl";

    private Devices() {}

    /**
     * {@return the installed providers} One that throws, or cannot be loaded, finds no device and
     * tells why in {@link DeviceProvider#missing()}; the others are not touched by that.
     */
    public static List<DeviceProvider> providers() {
        return SafeProvider.load(Devices.class.getClassLoader());
    }

    /**
     * {@return every device found, best first}
     *
     * @throws IllegalCallerException if Java denies native access, also if it denies it to one
     *     provider only, whose devices might be the best; says how to start it
     */
    public static List<DeviceInfo> find() {
        NativeAccess.check();
        List<DeviceInfo> found = new ArrayList<>();
        for (DeviceProvider provider : providers()) {
            found.addAll(provider.find());
        }
        found.sort(Comparator.comparingInt(DeviceInfo::preferred).reversed());
        return found;
    }

    /**
     * {@return the device of a name} If a provider whose family the name begins with has it, no
     * other is asked: asking can mean to start drivers.
     *
     * @param name as in {@link DeviceInfo#name()}; a trailing {@code :0} may be left out
     * @throws IllegalArgumentException if there is none; the message lists those there are and what
     *     is missing
     * @throws IllegalCallerException if Java denies native access to a provider that was asked
     */
    public static DeviceInfo named(String name) {
        Objects.requireNonNull(name, "name");
        List<DeviceProvider> providers = providers();
        providers.sort(Comparator.comparing(provider -> !name.startsWith(provider.family())));
        List<DeviceInfo> found = new ArrayList<>();
        for (DeviceProvider provider : providers) {
            for (DeviceInfo device : provider.find()) {
                if (device.name().equals(name) || device.name().equals(name + ":0")) {
                    return device;
                }
                found.add(device);
            }
        }
        String missing = missing().stream().map(text -> "; " + text).collect(Collectors.joining());
        throw new IllegalArgumentException("no device '" + name + "': there is "
                + found.stream().map(DeviceInfo::name).collect(Collectors.joining(", ")) + missing);
    }

    /**
     * {@return what is missing and how to get it, one line for each provider that misses something}
     */
    public static List<String> missing() {
        List<DeviceProvider> providers = providers();
        List<String> missing = new ArrayList<>();
        if (providers.stream().noneMatch(provider -> provider.family().equals(OPENCL))) {
            missing.add("no OpenCL: the program has no highpage-opencl; add that artifact");
        }
        providers.forEach(provider -> provider.missing().ifPresent(missing::add));
        return missing;
    }
}
