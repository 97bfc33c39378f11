// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another main class, and ends when its standard input does: with whatever process has started
 * it, however that ends. Executors end with their worker.
 */
final class ClusterProcess {
    private ClusterProcess() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // nothing is said here
                }
            } catch (IOException gone) {
                // as well
            }
            Runtime.getRuntime().halt(1);
        });
        Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object)
                Arrays.copyOfRange(arguments, 1, arguments.length));
    }
}
