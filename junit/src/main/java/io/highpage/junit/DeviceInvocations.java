// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.device.DeviceInfo;
import io.highpage.device.DeviceProvider;
import io.highpage.device.Devices;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.opentest4j.TestAbortedException;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes an invocation for each device found, and one that says so for each family that is missing.
 */
final class DeviceInvocations
        implements TestTemplateInvocationContextProvider, ClassTemplateInvocationContextProvider {
    private static final String ONLY = "highpage.device";

    /** One run: on a device, or of a missing family. */
    sealed interface Invocation
            extends TestTemplateInvocationContext, ClassTemplateInvocationContext {
        @Override
        default void prepareInvocation(ExtensionContext context) {
            // nothing to prepare; both parents have a default
        }

        @Override
        String getDisplayName(int index);

        @Override
        List<Extension> getAdditionalExtensions();
    }

    /** Finding devices can mean starting drivers: done once. */
    private static final class Found {
        static final List<Invocation> INVOCATIONS = invocations(
                Devices.providers(),
                System.getProperty(ONLY),
                name -> Boolean.parseBoolean(System.getenv(name)));
    }

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
            ExtensionContext context) {
        return Found.INVOCATIONS.stream().map(TestTemplateInvocationContext.class::cast);
    }

    @Override
    public boolean supportsClassTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(
            ExtensionContext context) {
        return Found.INVOCATIONS.stream().map(ClassTemplateInvocationContext.class::cast);
    }

    /**
     * {@return what to run}
     *
     * @param only the name of the one device to run on, or null
     * @param isSet whether a variable of the environment is true
     */
    static List<Invocation> invocations(
            List<DeviceProvider> providers,
            @Nullable String only,
            Function<String, Boolean> isSet) {
        if (only != null && !only.isEmpty()) {
            return List.of(new OnDevice(Devices.named(only)));
        }
        List<Invocation> invocations = new ArrayList<>();
        for (DeviceProvider provider : providers) {
            List<DeviceInfo> found = provider.find();
            found.forEach(device -> invocations.add(new OnDevice(device)));
            if (found.isEmpty()) {
                String variable = "HIGHPAGE_REQUIRE_" + provider.family().toUpperCase(Locale.ROOT);
                String text = provider.missing().orElse("no device of this family was found");
                invocations.add(new Missing(
                        provider.family(), text, isSet.apply(variable) ? variable : null));
            }
        }
        return invocations;
    }

    /** A run on a device. */
    record OnDevice(DeviceInfo device) implements Invocation {
        @Override
        public String getDisplayName(int index) {
            return device.name() + " (" + device.description() + ")";
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(
                    new DeviceResolver() {
                        @Override
                        public Object resolveParameter(
                                ParameterContext parameter, ExtensionContext context) {
                            return device;
                        }
                    },
                    new CheckedWhile(),
                    new FailedOn.Notes(getDisplayName(0)));
        }
    }

    /**
     * The entry of a family that has no device here. {@code requiredBy}: the variable that makes
     * this a failure, or null.
     */
    record Missing(String family, String text, @Nullable String requiredBy) implements Invocation {
        @Override
        public String getDisplayName(int index) {
            return family + ": NOT RUN, " + text;
        }

        /**
         * The instance is made before conditions are looked at, so the entry ends there, and not in
         * a condition.
         */
        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(
                    new InvocationInterceptor() {
                        @Override
                        public <T> T interceptTestClassConstructor(
                                InvocationInterceptor.Invocation<T> invocation,
                                ReflectiveInvocationContext<Constructor<T>> constructor,
                                ExtensionContext context)
                                throws Throwable {
                            throw requiredBy == null
                                    ? new TestAbortedException("no " + family + " device: " + text)
                                    : new AssertionError(requiredBy + "=true, and there is no "
                                            + family + " device: " + text);
                        }
                    },
                    new DeviceResolver() {
                        @Override
                        public @Nullable Object resolveParameter(
                                ParameterContext parameter, ExtensionContext context) {
                            return null; // never used: no test gets as far
                        }
                    });
        }
    }

    /** Serves parameters of type {@link DeviceInfo}. */
    private abstract static class DeviceResolver implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == DeviceInfo.class;
        }
    }
}
