// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.Registration;
import io.highpage.internal.watch.Checks;
import io.highpage.internal.watch.Watch;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Fails a test that leaves a runtime, a buffer, a pin, a hold, an access or a registration open,
 * bare pins too, and names where each was opened: {@code @ExtendWith(HighpageLeakCheck.class)} on a
 * class, or on all of a build with {@code junit.jupiter.extensions.autodetection.enabled=true}
 * among JUnit's parameters; {@link WithoutLeakCheck} then leaves classes out.
 *
 * <p>What {@code @BeforeAll} opens may stay open until {@code @AfterAll}; what a test opens must be
 * closed by {@code @AfterEach}. A leak that a test was already blamed for is not reported again.
 * Runtimes that are opened meanwhile are in the checked mode, unless they say otherwise
 * ({@link io.highpage.Highpage.Builder#checked}), or {@code -Dhighpage.checked=false} does.
 *
 * <p>Tests that run at the same time in one JVM would be blamed for each other's: run classes with
 * this extension one after another.
 */
public final class HighpageLeakCheck
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(HighpageLeakCheck.class);
    private static final Set<Object> BLAMED = ConcurrentHashMap.newKeySet();

    /** Made by JUnit. */
    public HighpageLeakCheck() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        check(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        check(context);
    }

    private static void remember(ExtensionContext context) {
        if (isLeftOut(context)) {
            return;
        }
        Watch.turnOn();
        Checks.begin();
        context.getStore(NAMESPACE).put(context.getUniqueId(), Watch.open().keySet());
    }

    private static void check(ExtensionContext context) {
        Set<?> before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Set.class);
        if (before == null) {
            return; // left out
        }
        Checks.end();
        Map<Object, Throwable> open = Watch.open();
        BLAMED.retainAll(open.keySet());
        Map<Object, Throwable> leaked = new ConcurrentHashMap<>(open);
        leaked.keySet().removeIf(thing -> before.contains(thing) || !BLAMED.add(thing));
        if (!leaked.isEmpty()) {
            throw leak(context, leaked);
        }
    }

    private static AssertionError leak(ExtensionContext context, Map<Object, Throwable> leaked) {
        StringJoiner text = new StringJoiner("\n  ", name(context) + " left open:\n  ", "");
        sorted(leaked)
                .forEach(entry ->
                        text.add(entry.getKey() + ", opened at " + place(entry.getValue())));
        AssertionError error = new AssertionError(text.toString());
        sorted(leaked).forEach(entry -> error.addSuppressed(entry.getValue()));
        return error;
    }

    private static boolean isLeftOut(ExtensionContext context) {
        return upwards(context)
                .flatMap(each -> each.getElement().stream())
                .anyMatch(element -> element.isAnnotationPresent(WithoutLeakCheck.class));
    }

    /** {@return the display names from the class on; one of them may be that of a device} */
    private static String name(ExtensionContext context) {
        return upwards(context)
                .takeWhile(each -> each.getTestClass().isPresent())
                .map(ExtensionContext::getDisplayName)
                .reduce((inner, outer) -> outer + ", " + inner)
                .orElseGet(context::getDisplayName);
    }

    private static Stream<ExtensionContext> upwards(ExtensionContext context) {
        return Stream.iterate(
                        Optional.of(context),
                        Optional::isPresent,
                        each -> each.flatMap(ExtensionContext::getParent))
                .flatMap(Optional::stream);
    }

    /**
     * Registrations first: they keep pins open, holders keep buffers open, and those the runtimes.
     */
    private static Stream<Map.Entry<Object, Throwable>> sorted(Map<Object, Throwable> leaked) {
        return leaked.entrySet().stream()
                .sorted(Comparator.<Map.Entry<Object, Throwable>>comparingInt(
                                entry -> rank(entry.getKey()))
                        .thenComparing(entry -> entry.getKey().toString()));
    }

    private static int rank(Object thing) {
        return switch (thing) {
            case Registration registration -> 0;
            case Holder holder -> 1;
            case PageBuffer buffer -> 2;
            default -> 3;
        };
    }

    /** {@return the line of the user's code that opened it} */
    private static String place(Throwable opened) {
        return Watch.callers(opened).stream()
                .findFirst()
                .map(StackTraceElement::toString)
                .orElse("an unknown place");
    }
}
