// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures steps that must end within what is promised. A busy machine makes any step late now and
 * then, but only a defect makes the same one late each time: a test in which some were late runs
 * again, until each of them was in time once. Thread-safe.
 */
final class Promises implements InvocationInterceptor {
    /**
     * What a busy machine may take on top of what is promised. Less than the second for which
     * everything waits that may, so that nobody waits it where nothing is promised.
     */
    private static final Duration ALLOWANCE = Duration.ofMillis(800);

    private static final int ATTEMPTS = 6;

    /** By what was late in this attempt, how long that took. */
    private final Map<String, Duration> late = new ConcurrentHashMap<>();

    interface Step {
        void run() throws Exception;
    }

    /** Measures a step that must end within what is promised, and a moment. */
    void within(Duration promised, String what, Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        measured(promised, what, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Takes what was measured; a step is late if it was late in one of several measures. */
    void measured(Duration promised, String what, Duration measured) {
        if (isLate(promised, measured)) {
            late.put(what, measured);
        }
    }

    static boolean isLate(Duration promised, Duration measured) {
        return measured.compareTo(promised.plus(ALLOWANCE)) >= 0;
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> context,
            ExtensionContext extension)
            throws Throwable {
        attempt(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> context,
            ExtensionContext extension)
            throws Throwable {
        attempt(invocation, context);
    }

    private void attempt(Invocation<Void> invocation, ReflectiveInvocationContext<Method> context)
            throws Throwable {
        invocation.proceed();
        Map<String, Duration> always = new ConcurrentHashMap<>(late);
        for (int attempt = 1; attempt < ATTEMPTS && !always.isEmpty(); attempt++) {
            System.out.println("waits: once more, since these were late: " + always);
            late.clear();
            again(context);
            always.keySet().retainAll(late.keySet());
        }
        assertThat(always).as("late in each of %d attempts", ATTEMPTS).isEmpty();
    }

    private static void again(ReflectiveInvocationContext<Method> context) throws Throwable {
        Method test = context.getExecutable();
        test.setAccessible(true);
        try {
            test.invoke(
                    context.getTarget().orElseThrow(), context.getArguments().toArray());
        } catch (InvocationTargetException failure) {
            throw failure.getCause();
        }
    }
}
