// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;

import java.util.concurrent.atomic.AtomicInteger;

/** How many speculative attempts Spark has started. */
final class SpeculativeAttempts extends SparkListener {
    private final AtomicInteger speculative = new AtomicInteger();

    static SpeculativeAttempts of(JavaSparkContext spark) {
        SpeculativeAttempts attempts = new SpeculativeAttempts();
        spark.sc().addSparkListener(attempts);
        return attempts;
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart task) {
        if (task.taskInfo().speculative()) {
            speculative.incrementAndGet();
        }
    }

    int count() {
        return speculative.get();
    }
}
