// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.SparkEnv;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The way to the driver. What cannot be told there stands in this executor's log. Thread-safe. */
final class DriverLink {
    /** What Spark calls the executor in the driver's own process, {@code local[N]}. */
    static final String DRIVER = "driver";

    private static final Logger LOG = LoggerFactory.getLogger(HighpagePlugin.class);

    /** A driver that does not answer keeps no executor from ending. */
    private static final long ANSWER_SECONDS = 10;

    private final PluginContext context;

    DriverLink(PluginContext context) {
        this.context = context;
    }

    String executor() {
        return context.executorID();
    }

    /** Spark's own {@code hostname()} fails in executors, whose address nobody calls. */
    String host() {
        return isDriver()
                ? context.hostname()
                : SparkEnv.get().blockManager().blockManagerId().host();
    }

    /** {@return whether this is the driver's own process} */
    boolean isDriver() {
        return executor().equals(DRIVER);
    }

    /** Tells something, and does not wait. */
    void tell(Report report) {
        if (toldHere(report)) {
            return;
        }
        try {
            context.send(report);
        } catch (IOException | RuntimeException unreachable) {
            LOG.warn("The driver was not told: {}", report, unreachable);
        }
    }

    /** Tells something before the process ends: waits until the driver has it. */
    void tellLast(Report report) {
        if (toldHere(report)) {
            return;
        }
        CountDownLatch known = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("highpage-last-words").start(() -> {
            try {
                context.ask(report);
            } catch (Exception unreachable) {
                LOG.warn("The driver was not told: {}", report, unreachable);
            } finally {
                known.countDown();
            }
        });
        try {
            known.await(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException inAHurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** In {@code local[N]} Spark ends its messages without waiting for the executor's end. */
    private boolean toldHere(Report report) {
        if (!isDriver()) {
            return false;
        }
        HighpageDriver.here().receive(report);
        return true;
    }
}
