// SPDX-License-Identifier: Apache-2.0
package io.highpage.testkit;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the tests of a class wait for, where each of them takes a process of its own for long: as
 * many at once as there are processors, in the order given, from when this is made.
 *
 * @param <K> what tells one from the others
 * @param <V> what comes of it
 */
public final class SideBySide<K, V> implements AutoCloseable {
    private final ExecutorService threads =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    private final Map<K, Future<V>> outcomes = new LinkedHashMap<>();

    /** What is done for one. */
    public interface Work<K, V> {
        V of(K key) throws Exception;
    }

    public SideBySide(Collection<? extends K> keys, Work<? super K, ? extends V> work) {
        keys.forEach(key -> outcomes.put(key, threads.submit(() -> work.of(key))));
    }

    /** {@return what came of one, when it is there}; throws what it has thrown. */
    public V get(K key) throws Exception {
        try {
            return Objects.requireNonNull(outcomes.get(key), () -> "not begun: " + key)
                    .get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) failed.getCause();
        }
    }

    /** Interrupts those under way, and returns when they have ended. */
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
