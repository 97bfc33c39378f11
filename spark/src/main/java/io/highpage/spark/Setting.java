// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.SparkConf;

import scala.Tuple2;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The settings that there are; the table in {@code docs/spark.md} is compared with this. */
enum Setting {
    DEVICE_MEMORY("deviceMemory", "the share of the address", "bytes, such as `8g`, at least 1m"),
    DEVICE("device", "what the resource says", "an address, such as `opencl:0` or `opencl:0/4`"),
    RESOURCE("resource", "gpu", "a name"),
    SIGNALS("signals", "refuse", "`refuse` or `accept`"),
    THREADS("threads", "what `spark.task.cpus` is", "1 to 1024"),
    WAIT("wait", "10min", "a time, such as `90s`, at least 1s"),
    FAILURES("failures", "3", "1 to 1000");

    private static final String PREFIX = "spark.highpage.";

    /** Its name in Spark's settings. */
    final String key;

    /** What it is where it is not set; a value if it can be one. */
    final String unset;

    /** What it may be, in words. */
    final String range;

    Setting(String name, String unset, String range) {
        this.key = PREFIX + name;
        this.unset = unset;
        this.range = range;
    }

    /** {@return what it is set to, without the spaces around} */
    Optional<String> in(SparkConf conf) {
        return conf.contains(key) ? Optional.of(conf.get(key).strip()) : Optional.empty();
    }

    /** {@return the error of a value that it cannot have} */
    IllegalArgumentException refuse(String value) {
        return new IllegalArgumentException(key + "=" + value + ": must be " + range);
    }

    /**
     * Looks for misspelt names, which would have no effect.
     *
     * @throws IllegalArgumentException if there is a name that none of these has
     */
    static void checkNames(SparkConf conf) {
        for (Tuple2<String, String> each : conf.getAllWithPrefix(PREFIX)) {
            String key = PREFIX + each._1();
            if (Arrays.stream(values()).noneMatch(setting -> setting.key.equals(key))) {
                throw new IllegalArgumentException(key + ": there is no such setting; there are "
                        + Arrays.stream(values())
                                .map(setting -> setting.key)
                                .collect(Collectors.joining(", ")));
            }
        }
    }
}
