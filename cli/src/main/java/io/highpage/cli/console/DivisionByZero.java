// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

/**
 * Whether the JVM still gets its SIGFPE. A driver that has taken that signal makes an integer
 * division by zero in Java give a wrong number in silence; seeing is better than believing that
 * nobody took it.
 */
public final class DivisionByZero {
    // Volatile, so that no compiler can divide in advance.
    private static volatile int zero;
    private static volatile int quotient;

    private DivisionByZero() {}

    /** {@return whether an integer division by zero throws, as it should} */
    public static boolean throwsAsItShould() {
        try {
            quotient = 1 / zero;
            return false;
        } catch (ArithmeticException asItShould) {
            return true;
        }
    }
}
