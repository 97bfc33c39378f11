// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * What Spark is told to load: {@code --conf spark.plugins=io.highpage.spark.HighpagePlugin}. Opens
 * a runtime in each executor, on the device that Spark's resources name, and tells the driver of
 * what becomes of it. Tasks reach it by {@link TaskPages}. Its settings are
 * {@code spark.highpage.*}; a wrong one ends the application's start with a message that names it.
 */
public final class HighpagePlugin implements SparkPlugin {

    /** Made by Spark. */
    public HighpagePlugin() {}

    @Override
    public DriverPlugin driverPlugin() {
        return new HighpageDriver();
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new HighpageExecutor();
    }
}
