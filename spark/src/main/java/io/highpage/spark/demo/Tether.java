// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark.demo;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;

/** Runs another main class, and ends with the process that started this one, however that ends. */
public final class Tether {
    private Tether() {}

    /**
     * Runs it.
     *
     * @param arguments the class, and its arguments
     * @throws ReflectiveOperationException if there is no such class, or it fails
     */
    public static void main(String... arguments) throws ReflectiveOperationException {
        Thread.ofPlatform().daemon().name("tether").start(Tether::awaitEnd);
        Method main = Class.forName(arguments[0]).getMethod("main", String[].class);
        main.invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    /** Nobody writes to standard input; its end is that of whoever could. */
    private static void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                // not meant for this process
            }
        } catch (IOException gone) {
            // as good as the end
        }
        Runtime.getRuntime().halt(1);
    }
}
