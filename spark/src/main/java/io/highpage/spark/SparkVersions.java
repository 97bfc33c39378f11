// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.package$;

import java.util.List;

/** The versions of Spark and Scala that this artifact is made for. */
final class SparkVersions {
    private static final String SPARK = "4.2";
    private static final String SCALA = "2.13";

    private SparkVersions() {}

    /**
     * Checks those that are here.
     *
     * @throws IllegalStateException if they are others
     */
    static void check() {
        check(package$.MODULE$.SPARK_VERSION(), scala.util.Properties.versionNumberString());
    }

    /** The same, of versions that are given. */
    static void check(String spark, String scala) {
        for (List<String> each :
                List.of(List.of("Spark", spark, SPARK), List.of("Scala", scala, SCALA))) {
            if (!(each.get(1) + ".").startsWith(each.get(2) + ".")) {
                throw new IllegalStateException("highpage-spark-" + SPARK + "_" + SCALA
                        + " is for Spark " + SPARK + " with Scala " + SCALA + ", and this is "
                        + each.get(0) + " " + each.get(1) + ": use the artifact whose name has"
                        + " your versions, if there is one");
            }
        }
    }
}
