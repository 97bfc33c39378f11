// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkVersionsTest {
    @Test
    void thoseOfTheArtifact_areAccepted() {
        SparkVersions.check();
        assertThatCode(() -> SparkVersions.check("4.2.9-SNAPSHOT", "2.13.1"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "4.1.3, 2.13.16, Spark 4.1.3",
        "4.20.0, 2.13.16, Spark 4.20.0",
        "4.2.0, 2.12.18, Scala 2.12.18",
        "4.2.0, 3.3.1, Scala 3.3.1",
    })
    void others_areRefusedByName(String spark, String scala, String which) {
        assertThatThrownBy(() -> SparkVersions.check(spark, scala))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("highpage-spark-4.2_2.13 is for Spark 4.2 with Scala 2.13")
                .hasMessageContaining("this is " + which);
    }
}
