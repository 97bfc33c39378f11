// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.network.util.JavaUtils;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an application has set, checked: by the driver, so that a mistake is told before there are
 * executors, and again by each of these.
 *
 * @param deviceMemory the most bytes of device memory of an executor; empty: the address's share
 * @param device the address; empty: the resource's
 * @param resource what the resource is called that has devices as its addresses
 * @param acceptsSignals whether an executor goes on where a driver has taken the JVM's signals
 * @param threads how many threads share one copy
 * @param roomWait how long a task waits for room if it does not say
 * @param failures after how many failures of one kind an application is stopped
 */
record Settings(
        OptionalLong deviceMemory,
        Optional<DeviceAddress> device,
        String resource,
        boolean acceptsSignals,
        int threads,
        Duration roomWait,
        int failures) {

    private static final long LEAST_MEMORY = 1 << 20;
    private static final int MOST_THREADS = 1024;
    private static final int MOST_FAILURES = 1000;

    /**
     * {@return the settings of an application}
     *
     * @throws IllegalArgumentException if one has a value that it cannot have; says what it can be
     */
    static Settings of(SparkConf conf) {
        Setting.checkNames(conf);
        return new Settings(
                Setting.DEVICE_MEMORY
                        .in(conf)
                        .map(text -> OptionalLong.of(bytes(Setting.DEVICE_MEMORY, text)))
                        .orElse(OptionalLong.empty()),
                Setting.DEVICE.in(conf).map(text -> DeviceAddress.of(Setting.DEVICE.key, text)),
                resource(conf),
                isAccepted(conf),
                number(
                        Setting.THREADS,
                        Setting.THREADS.in(conf).orElse(conf.get("spark.task.cpus", "1")),
                        MOST_THREADS),
                seconds(Setting.WAIT, Setting.WAIT.in(conf).orElse(Setting.WAIT.unset)),
                number(
                        Setting.FAILURES,
                        Setting.FAILURES.in(conf).orElse(Setting.FAILURES.unset),
                        MOST_FAILURES));
    }

    private static String resource(SparkConf conf) {
        String name = Setting.RESOURCE.in(conf).orElse(Setting.RESOURCE.unset);
        if (name.isEmpty()) {
            throw Setting.RESOURCE.refuse(name);
        }
        return name;
    }

    private static boolean isAccepted(SparkConf conf) {
        String text = Setting.SIGNALS.in(conf).orElse(Setting.SIGNALS.unset);
        return switch (text) {
            case "accept" -> true;
            case "refuse" -> false;
            default -> throw Setting.SIGNALS.refuse(text);
        };
    }

    private static long bytes(Setting setting, String text) {
        try {
            long bytes = JavaUtils.byteStringAsBytes(text);
            if (bytes >= LEAST_MEMORY) {
                return bytes;
            }
        } catch (IllegalArgumentException notBytes) {
            // is refused below, in this setting's words
        }
        throw setting.refuse(text);
    }

    private static Duration seconds(Setting setting, String text) {
        try {
            long seconds = JavaUtils.timeStringAsSec(text);
            if (seconds >= 1) {
                return Duration.ofSeconds(seconds);
            }
        } catch (IllegalArgumentException noTime) {
            // is refused below, in this setting's words
        }
        throw setting.refuse(text);
    }

    private static int number(Setting setting, String text, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException noNumber) {
            // is refused below, in this setting's words
        }
        throw setting.refuse(text);
    }
}
