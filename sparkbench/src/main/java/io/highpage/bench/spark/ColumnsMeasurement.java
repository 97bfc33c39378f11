// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.Numbers;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/** The sum of a column that a kernel makes of files, against a column that Java makes of them. */
record ColumnsMeasurement(Run run, Application application) {
    void measure(BenchKernel kernel) throws Exception {
        long bytes = Files.size(run.files().getFirst());
        Path folder = run.files().getFirst().getParent();
        SparkSession sql =
                SparkSession.builder().sparkContext(application.spark().sc()).getOrCreate();
        String name = "columns-" + kernel.id();
        run.progress().accept(name);
        AtomicReference<Double> sum = new AtomicReference<>(0.0);
        // Sums of partitions come in any order, which the last digits of a double show.
        Rounds rounds = new Rounds(
                        application::processorNanos, () -> {}, job -> "%.9g".formatted(sum.get()))
                .with("Highpage", () -> sum.set(sum(onDevice(sql, kernel, folder, bytes))))
                .with("plain Java", () -> sum.set(sum(inJava(sql, kernel, folder))));
        var times = rounds.run(run.amount().warmUps(), run.amount().rounds(kernel));
        run.findings().add(name, times);
        double ratio = times.get("Highpage").median() / times.get("plain Java").median();
        run.findings()
                .add(
                        name,
                        ratio,
                        "times as long as in plain Java",
                        "sum of " + bytes * run.files().size() / Float.BYTES + " floats, "
                                + Numbers.text(ratio) + " times as long as a scan in plain Java");
    }

    private static Dataset<Row> onDevice(
            SparkSession sql, BenchKernel kernel, Path folder, long partitionBytes) {
        return sql.read()
                .format("highpage")
                .option("source", BenchKernel.source())
                .option("kernel", kernel.id())
                .option("args", "float:" + BenchKernel.BY)
                .option("chunk", Integer.toString(FileTask.PIECE_BYTES))
                .option("partitionBytes", Long.toString(partitionBytes))
                .load(folder + "/*.f32");
    }

    private static Dataset<Row> inJava(SparkSession sql, BenchKernel kernel, Path folder) {
        return sql.read()
                .format(JavaColumns.class.getName())
                .option("folder", folder.toString())
                .option("kernel", kernel.name())
                .load();
    }

    private static double sum(Dataset<Row> numbers) {
        return numbers.selectExpr("sum(out)").first().getDouble(0);
    }
}
