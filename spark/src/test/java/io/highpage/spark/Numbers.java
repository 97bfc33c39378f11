// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.testkit.Eventually;

import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of floats that tests of columns read, and what Java makes of them. */
final class Numbers {
    /** Doubles each number, which is exact; so is every sum of them as doubles. */
    static final String TWICE = """
            kernel void twice(global const float *x, global float *y) {
                size_t i = get_global_id(0);
                y[i] = 2 * x[i];
            }
            """;

    private Numbers() {}

    /** {@return the number of a row}: whole, so that sums do not depend on their order */
    static float of(int row) {
        return row * 7919L % 1000 - 300;
    }

    /** Writes so many numbers, from a row on. */
    static Path write(Path file, int firstRow, int rows) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(rows * Float.BYTES).order(ByteOrder.nativeOrder());
        for (int row = firstRow; row < firstRow + rows; row++) {
            bytes.putFloat(of(row));
        }
        return Files.write(file, bytes.array());
    }

    /** {@return the sum of the doubles of the numbers of rows} */
    static double twiceSum(int rows) {
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += 2 * of(row);
        }
        return sum;
    }

    /** {@return a reader of {@link #TWICE}, in small pieces and partitions} */
    static DataFrameReader twice(SparkSession spark) {
        return spark.read()
                .format("highpage")
                .option("source", TWICE)
                .option("kernel", "twice")
                .option("chunk", "16k")
                .option("partitionBytes", "64k");
    }

    /**
     * Waits at one number, in the middle of a batch, until there is a file {@code go}.
     *
     * @param marks a folder, which has a file {@code there} meanwhile
     */
    static float holdOn(float y, String marks) {
        if (y == 2 * of(700) && !Files.exists(Path.of(marks, "go"))) {
            Tasks.mark(marks + "/there");
            while (!Files.exists(Path.of(marks, "go"))) {
                Eventually.sleep(20);
            }
        }
        return y;
    }
}
