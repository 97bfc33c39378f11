// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.jvm;

import io.highpage.bindings.linux.linux_h;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether Java lets this library call native code: a JVM that denies it would else fail in some
 * initialiser. Thread-safe.
 */
public final class NativeAccess {
    /** What calls native code, of the project and of the libraries that it bridges to. */
    private static final List<String> MODULES = List.of(
            "io.highpage",
            "io.highpage.bindings",
            "io.highpage.opencl",
            "jocl",
            "org.lwjgl",
            "jucx");

    private static volatile boolean granted;

    private NativeAccess() {}

    /**
     * Checks it.
     *
     * @throws IllegalCallerException if it is denied; says how to start Java
     */
    public static void check() {
        denied().ifPresent(why -> {
            throw new IllegalCallerException(why);
        });
    }

    /** {@return that it is denied, and how to start Java; empty if it is not} */
    public static Optional<String> denied() {
        if (granted) {
            return Optional.empty();
        }
        try {
            reinterpret();
            linux_h.getpagesize(); // the bindings are a module of their own
            granted = true;
            return Optional.empty();
        } catch (IllegalCallerException | LinkageError failure) {
            Optional<String> denial = denial(failure);
            if (denial.isEmpty()) {
                throw failure;
            }
            return Optional.of("Java denies native access, which Highpage needs (" + denial.get()
                    + "): start Java with " + option());
        }
    }

    @SuppressWarnings("restricted")
    private static void reinterpret() {
        MemorySegment.NULL.reinterpret(1);
    }

    /**
     * {@return the words of a denial, which may be the cause why a class could not be initialised}
     */
    private static Optional<String> denial(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(each -> each.toString().contains(IllegalCallerException.class.getName()))
                .map(Throwable::getMessage)
                .findFirst();
    }

    /**
     * {@return the option that grants it here: to each module that is there, or to all that is on
     * the class path}
     */
    public static String option() {
        ModuleLayer layer = NativeAccess.class.getModule().getLayer();
        return "--enable-native-access=" + (layer == null ? "ALL-UNNAMED" : modules(layer));
    }

    private static String modules(ModuleLayer layer) {
        return MODULES.stream()
                .filter(name -> layer.findModule(name).isPresent())
                .collect(Collectors.joining(","));
    }
}
