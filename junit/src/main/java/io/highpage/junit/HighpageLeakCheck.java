// SPDX-License-Identifier: Apache-2.0
package io.highpage.junit;

import io.highpage.Holder;
import io.highpage.PageBuffer;
import io.highpage.Registration;
import io.highpage.internal.watch.Checks;
import io.highpage.internal.watch.Watch;
import io.highpage.internal.watch.Watch.Opened;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import java.lang.ref.WeakReference;
import java.util.Comparator;
import java.util.HashSet;
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
 * closed by {@code @AfterEach}. Of what nothing refers to any more it says so. A leak that a test
 * was already blamed for is not reported again. Runtimes that are opened meanwhile are in the
 * checked mode, unless they say otherwise ({@link io.highpage.Highpage.Builder#checked}), or
 * {@code -Dhighpage.checked=false} does.
 *
 * <p>Tests that run at the same time in one JVM would be blamed for each other's: run classes with
 * this extension one after another.
 */
public final class HighpageLeakCheck
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private static final String LOST = ", and became unreachable: nobody can close it any more";
    private static final int COLLECTIONS_MAX = 3;
    private static final Namespace NAMESPACE = Namespace.create(HighpageLeakCheck.class);
    private static final Set<Opened> BLAMED = ConcurrentHashMap.newKeySet();

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
        context.getStore(NAMESPACE).put(context.getUniqueId(), Watch.open());
    }

    private static void check(ExtensionContext context) {
        Set<?> before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Set.class);
        if (before == null) {
            return; // left out
        }
        Checks.end();
        Set<Opened> open = Watch.open();
        BLAMED.retainAll(open);
        Set<Opened> leaked = new HashSet<>(open);
        leaked.removeIf(thing -> before.contains(thing) || !BLAMED.add(thing));
        if (!leaked.isEmpty()) {
            collect();
            throw leak(context, leaked);
        }
    }

    /** Then what nobody has any more is known as such, unless this JVM does not do it if asked. */
    private static void collect() {
        WeakReference<Object> collected = new WeakReference<>(new Object());
        for (int i = 0; i < COLLECTIONS_MAX && !collected.refersTo(null); i++) {
            System.gc();
        }
    }

    private static AssertionError leak(ExtensionContext context, Set<Opened> leaked) {
        StringJoiner text = new StringJoiner("\n  ", name(context) + " left open:\n  ", "");
        sorted(leaked)
                .forEach(thing -> text.add(
                        thing + ", opened at " + thing.place() + (thing.isLost() ? LOST : "")));
        AssertionError error = new AssertionError(text.toString());
        sorted(leaked).forEach(thing -> error.addSuppressed(thing.where()));
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
    private static Stream<Opened> sorted(Set<Opened> leaked) {
        return leaked.stream()
                .sorted(Comparator.comparingInt(HighpageLeakCheck::rank)
                        .thenComparing(Opened::toString));
    }

    private static int rank(Opened thing) {
        if (thing.isA(Registration.class)) {
            return 0;
        }
        if (thing.isA(Holder.class)) {
            return 1;
        }
        return thing.isA(PageBuffer.class) ? 2 : 3;
    }
}
