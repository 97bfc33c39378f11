// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class SettingsTest {
    private static SparkConf conf(String... keysAndValues) {
        SparkConf conf = new SparkConf(false);
        for (int at = 0; at < keysAndValues.length; at += 2) {
            conf.set(keysAndValues[at], keysAndValues[at + 1]);
        }
        return conf;
    }

    @Test
    void nothingSet_isTheDefaults() {
        assertThat(Settings.of(conf()))
                .isEqualTo(new Settings(
                        OptionalLong.empty(),
                        Optional.empty(),
                        "gpu",
                        false,
                        1,
                        Duration.ofMinutes(10),
                        3));
    }

    @Test
    void everySetting_isTaken() {
        assertThat(Settings.of(conf(
                        "spark.highpage.deviceMemory", "8g",
                        "spark.highpage.device", "1/4",
                        "spark.highpage.resource", "fpga",
                        "spark.highpage.signals", "accept",
                        "spark.highpage.threads", "7",
                        "spark.highpage.wait", "90s",
                        "spark.highpage.failures", "1")))
                .isEqualTo(new Settings(
                        OptionalLong.of(8L << 30),
                        Optional.of(new DeviceAddress("opencl:1", 4)),
                        "fpga",
                        true,
                        7,
                        Duration.ofSeconds(90),
                        1));
    }

    @Test
    void threads_areTheCoresOfATask() {
        assertThat(Settings.of(conf("spark.task.cpus", "4")).threads()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({
        "deviceMemory, 1023k",
        "deviceMemory, -1g",
        "deviceMemory, 8x",
        "deviceMemory, ''",
        "resource, ''",
        "signals, yes",
        "threads, 0",
        "threads, 1025",
        "threads, many",
        "wait, 0s",
        "wait, soon",
        "failures, 0",
        "failures, 1001",
    })
    void valueThatCannotBe_isRefusedWithWhatCan(String name, String value) {
        String key = "spark.highpage." + name;
        assertThatThrownBy(() -> Settings.of(conf(key, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(key + "=" + value + ": must be ");
    }

    @Test
    void nameThatIsNone_isRefusedWithThoseThatAre() {
        assertThatThrownBy(() -> Settings.of(conf("spark.highpage.thread", "1")))
                .hasMessageStartingWith("spark.highpage.thread: there is no such setting")
                .hasMessageContaining("spark.highpage.threads");
    }

    @Test
    void table_inTheDocument_isThis() throws IOException {
        String page = Files.readString(Path.of("../docs/spark.md"));
        Matcher rows = Pattern.compile(
                        "(?m)^\\| `(spark\\.highpage\\.\\w+)` \\| (.+?) \\| (.+?) \\| .+ \\|$")
                .matcher(page);
        List<List<String>> table = rows.results()
                .map(row -> List.of(row.group(1), row.group(2), row.group(3)))
                .toList();
        assertThat(table)
                .isEqualTo(Arrays.stream(Setting.values())
                        .map(each -> List.of(each.key, each.unset, each.range))
                        .toList());
    }
}
