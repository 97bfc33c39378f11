// SPDX-License-Identifier: Apache-2.0
package io.highpage.device;

import io.highpage.internal.log.Log;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A provider whose failures cost its own devices and no others: what it throws is told as what is
 * missing, and once in the log. Only a denial of native access goes on to who looks for devices:
 * there may be better ones, and whoever starts Java can allow it. Thread-safe if the provider is.
 */
final class SafeProvider implements DeviceProvider {
    /** No service file is as long; a class loader that fails at each step is not asked for ever. */
    private static final int BROKEN_MAX = 100;

    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private final DeviceProvider provider;

    private SafeProvider(DeviceProvider provider) {
        this.provider = provider;
    }

    /**
     * {@return the providers that a class loader knows; one that cannot be made finds nothing and
     * says why}
     */
    static List<DeviceProvider> load(ClassLoader loader) {
        List<DeviceProvider> providers = new ArrayList<>();
        Iterator<DeviceProvider> installed =
                ServiceLoader.load(DeviceProvider.class, loader).iterator();
        for (int broken = 0; broken < BROKEN_MAX; ) {
            try {
                if (!installed.hasNext()) {
                    break;
                }
                providers.add(new SafeProvider(installed.next()));
            } catch (ServiceConfigurationError | LinkageError failure) {
                providers.add(new Broken(leftOut("a device provider", failure)));
                broken++;
            }
        }
        return providers;
    }

    @Override
    public String family() {
        return provider.family();
    }

    @Override
    public List<DeviceInfo> find() {
        try {
            return provider.find();
        } catch (IllegalCallerException denied) {
            throw denied;
        } catch (RuntimeException | LinkageError failure) {
            leftOut(name(), failure);
            return List.of();
        }
    }

    @Override
    public Optional<String> missing() {
        try {
            provider.find(); // one that fails here knows of nothing that is missing
            return provider.missing();
        } catch (IllegalCallerException denied) {
            String why = denied.getMessage();
            return Optional.of(why == null ? denied.toString() : why);
        } catch (RuntimeException | LinkageError failure) {
            return Optional.of(leftOut(name(), failure));
        }
    }

    private String name() {
        return "the device provider " + provider.getClass().getName();
    }

    private static String leftOut(String what, Throwable failure) {
        String cause = failure.getCause() == null ? "" : ": " + failure.getCause();
        String text = what + " is left out: " + failure + cause;
        if (WARNED.add(text)) {
            Log.warn(SafeProvider.class, text);
        }
        return text;
    }

    /** A provider that could not be made. */
    private record Broken(String why) implements DeviceProvider {
        @Override
        public String family() {
            return "unknown";
        }

        @Override
        public List<DeviceInfo> find() {
            return List.of();
        }

        @Override
        public Optional<String> missing() {
            return Optional.of(why);
        }
    }
}
