// SPDX-License-Identifier: Apache-2.0
package io.highpage;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.DeviceMemory;
import io.highpage.device.Devices;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Allocation;
import io.highpage.outcome.Terms;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whatever may not be null is refused by its name, not by what the library trips over. */
class NullArgumentsTest {
    private static final List<String> PACKAGES =
            List.of("io/highpage", "io/highpage/device", "io/highpage/host", "io/highpage/outcome");

    private final DeviceMemory memory = HostDevice.coherent(1 << 20);
    private final Highpage highpage = Highpage.builder().device(memory).open();
    private final PageBuffer buffer = highpage.allocate(1 << 16);
    private final Pin pin = buffer.range(0, 1).pin(Pin.longTerm());
    private final Keeper keeper = Keeper.named("keeper");
    private final HomeRegistration home = buffer.registerHome(keeper);
    private final Registration registration = pin.register(keeper);
    private final Hold hold = buffer.range(0, 1).hold();
    private final DeviceAccess access =
            buffer.range(8192, 1).access(highpage.device(), AccessMode.READ_WRITE);
    private final List<Object> things = List.of(
            highpage,
            highpage.budget(),
            buffer.range(8, 8),
            buffer,
            pin,
            hold,
            access,
            registration,
            home,
            keeper,
            memory,
            highpage.device(),
            buffer.residency(),
            Pin.longTerm(),
            Allocation.defaults(),
            Devices.find().getFirst(),
            buffer.range(0, 1).tryPin(Terms.defaults().bare()),
            buffer.evict(),
            Duration.ofSeconds(1),
            "words",
            MemorySegment.ofArray(new long[1]),
            ValueLayout.JAVA_LONG_UNALIGNED);

    @AfterEach
    void close() {
        access.close();
        hold.close();
        registration.close();
        home.close();
        pin.close();
        assertThat(buffer.isOpen()).isTrue();
    }

    private static Stream<Class<?>> publicClasses() throws IOException {
        Path classes = Path.of("target", "classes");
        List<Class<?>> found = new ArrayList<>();
        for (String each : PACKAGES) {
            try (Stream<Path> files = Files.list(classes.resolve(each))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class"))
                        .sorted()
                        .toList()) {
                    String name = classes.relativize(file)
                            .toString()
                            .replace('/', '.')
                            .replaceAll("\\.class$", "");
                    if (!name.endsWith("-info")) {
                        Class<?> type = load(name);
                        if (Modifier.isPublic(type.getModifiers())) {
                            found.add(type);
                        }
                    }
                }
            }
        }
        return found.stream();
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, NullArgumentsTest.class.getClassLoader());
        } catch (ClassNotFoundException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private @Nullable Object sample(Class<?> type) {
        if (type.isPrimitive()) {
            return type == boolean.class
                    ? (Object) false
                    : type == byte.class
                            ? (Object) (byte) 0
                            : type == long.class
                                    ? (Object) 1L
                                    : type == double.class ? (Object) 0.5 : (Object) 0;
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type.isArray()) {
            return java.lang.reflect.Array.newInstance(type.getComponentType(), 0);
        }
        if (type == List.class) {
            return List.of();
        }
        return things.stream()
                .filter(type::isInstance)
                .findFirst()
                .orElseGet(() -> type.isInterface() && !type.isSealed()
                        ? Proxy.newProxyInstance(
                                type.getClassLoader() == null
                                        ? getClass().getClassLoader()
                                        : type.getClassLoader(),
                                new Class<?>[] {type},
                                (proxy, method, arguments) -> null)
                        : null);
    }

    /** {@return what was wrong, or empty} */
    private String tried(@Nullable Object of, Executable call, int index) {
        Object[] arguments =
                Arrays.stream(call.getParameterTypes()).map(this::sample).toArray();
        arguments[index] = null;
        try {
            if (call instanceof Method method) {
                method.invoke(of, arguments);
            } else {
                ((Constructor<?>) call).newInstance(arguments);
            }
            return "takes it";
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            if (cause instanceof NullPointerException
                    && cause.getMessage() != null
                    && cause.getMessage().matches("[a-zA-Z' ]+")) {
                return "";
            }
            return cause.toString() + " at " + cause.getStackTrace()[0];
        } catch (ReflectiveOperationException | IllegalArgumentException untried) {
            return "cannot be tried: " + untried;
        }
    }

    private static boolean mayBeNull(Executable call, int index) {
        AnnotatedType type = call.getAnnotatedParameterTypes()[index];
        return call.getParameterTypes()[index].isPrimitive()
                || type.isAnnotationPresent(Nullable.class);
    }

    @Test
    void nullIsRefusedByItsName() throws IOException {
        TreeSet<String> wrong = new TreeSet<>();
        int tried = 0;
        for (Class<?> type : publicClasses().toList()) {
            List<Executable> calls = new ArrayList<>(List.of(type.getDeclaredMethods()));
            if (!Modifier.isAbstract(type.getModifiers())) {
                calls.addAll(List.of(type.getDeclaredConstructors()));
            }
            for (Executable call : calls) {
                boolean isOfAThing =
                        call instanceof Method && !Modifier.isStatic(call.getModifiers());
                if (!Modifier.isPublic(call.getModifiers())
                        || call.isSynthetic()
                        || call.getName().equals("equals")
                        || isLeftOut(type)) {
                    continue;
                }
                Object of = isOfAThing ? sampleOf(type) : null;
                if (isOfAThing && of == null) {
                    continue;
                }
                for (int index = 0; index < call.getParameterCount(); index++) {
                    if (!mayBeNull(call, index)) {
                        tried++;
                        String how = tried(of, call, index);
                        if (!how.isEmpty()) {
                            wrong.add(call + ", " + index + ": " + how);
                        }
                    }
                }
            }
        }
        assertThat(wrong).as("of " + tried).isEmpty();
    }

    /** What is thrown may say nothing, and what a keeper answers is the program's affair. */
    private static boolean isLeftOut(Class<?> type) {
        return Throwable.class.isAssignableFrom(type) || type == Keeper.class;
    }

    private @Nullable Object sampleOf(Class<?> type) {
        if (type == Highpage.Builder.class) {
            return Highpage.builder();
        }
        return things.stream().filter(type::isInstance).findFirst().orElse(null);
    }
}
