// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.Eventually;
import io.highpage.testkit.opencl.RequireOpenCl;

import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/** Columns in SQL, in one process, against what Java makes of the same files. */
class HighpageSourceTest {
    private static final int ROWS = 150_000; // in two files, 11 partitions of some pieces each

    private static SparkSession spark;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        RequireOpenCl.check();
        spark = SparkSession.builder()
                .config(SparkCluster.local("columns")
                        .set("spark.plugins", HighpagePlugin.class.getName())
                        .set("spark.highpage.device", "opencl:0")
                        .set("spark.highpage.deviceMemory", "64m")
                        .set("spark.highpage.signals", "accept")
                        .set("spark.sql.shuffle.partitions", "2"))
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.stop();
        }
    }

    @BeforeEach
    void write() throws IOException {
        Numbers.write(folder.resolve("1.f32"), 0, 100_000);
        Numbers.write(folder.resolve("2.f32"), 100_000, ROWS - 100_000);
    }

    @AfterEach
    void nothingIsLeft() {
        Eventually.becomes(
                "every pipe given back",
                () -> HighpageExecutor.current().device().pool().leases().isEmpty());
        assertThat(HighpageExecutor.current().device().pool().stuckPipes()).isZero();
        assertThat(HighpageDriver.notes().leaks()).isZero();
    }

    // ---- results ----

    @Test
    void sumsAreThoseOfJava() {
        assertThat(twice().agg(sum("y")).first().getDouble(0)).isEqualTo(Numbers.twiceSum(ROWS));
    }

    @Test
    void filtersAndGroupsAreThoseOfJava() {
        Map<Float, Long> expected = new TreeMap<>();
        for (int row = 0; row < ROWS; row++) {
            if (2 * Numbers.of(row) > 1000) {
                expected.merge(2 * Numbers.of(row), 1L, Long::sum);
            }
        }
        Map<Float, Long> found = new TreeMap<>();
        twice().filter(col("y").gt(1000))
                .groupBy("y")
                .agg(count(lit(1)))
                .collectAsList()
                .forEach(row -> found.put(row.getFloat(0), row.getLong(1)));
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void rowsComeInTheOrderOfTheFiles() {
        List<Row> rows = twice().collectAsList();
        assertThat(rows).hasSize(ROWS);
        for (int row = 0; row < ROWS; row++) {
            assertThat(rows.get(row).getFloat(0)).isEqualTo(2 * Numbers.of(row));
        }
    }

    /** As a program does that takes memory for each row. */
    @Test
    void pagesThatAreClosedForEachRow_leaveTheScanWhatItReads() {
        double sum = twice().toJavaRDD()
                .mapToDouble(row -> {
                    TaskPages.ofThisTask().close();
                    return row.getFloat(0);
                })
                .sum();
        assertThat(sum).isEqualTo(Numbers.twiceSum(ROWS));
    }

    @Test
    void aLimitEndsEarlyAndGivesThePipesBack() {
        assertThat(twice().limit(3).collectAsList())
                .extracting(row -> row.getFloat(0))
                .containsExactly(2 * Numbers.of(0), 2 * Numbers.of(1), 2 * Numbers.of(2));
    }

    @Test
    void aJoinWithItselfIsThatOfJava() {
        Map<Float, Long> counts = new TreeMap<>();
        for (int row = 0; row < ROWS; row++) {
            counts.merge(Numbers.of(row), 1L, Long::sum);
        }
        long expected =
                counts.values().stream().mapToLong(count -> count * count).sum();
        Dataset<Row> left = twice().as("l");
        Dataset<Row> right = twice().as("r");
        assertThat(left.join(right, col("l.y").equalTo(col("r.y"))).count()).isEqualTo(expected);
    }

    @Test
    void aCachedScanStaysWhatItWas() throws IOException {
        Dataset<Row> cached = twice().cache();
        try {
            assertThat(cached.count()).isEqualTo(ROWS);
            Files.delete(folder.resolve("1.f32"));
            assertThat(cached.agg(sum("y")).first().getDouble(0)).isEqualTo(Numbers.twiceSum(ROWS));
        } finally {
            cached.unpersist(true);
        }
    }

    @Test
    void emptyFilesHaveNoRows() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Files.createFile(empty.resolve("0.f32"));
        assertThat(Numbers.twice(spark).load(empty.toString()).count()).isZero();
        Numbers.write(empty.resolve("1.f32"), 0, 3);
        assertThat(Numbers.twice(spark)
                        .load(empty.toString())
                        .agg(sum("y"))
                        .first()
                        .getDouble(0))
                .isEqualTo(Numbers.twiceSum(3));
    }

    @ParameterizedTest
    @CsvSource({
        "char, 1, TINYINT",
        "short, 2, SMALLINT",
        "int, 4, INT",
        "long, 8, BIGINT",
        "float, 4, FLOAT",
        "double, 8, DOUBLE"
    })
    void everyTypeComesThrough(String type, int bytes, String sql) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(5000 * bytes).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 5000; i++) {
            int value = i % 200 - 100;
            switch (type) {
                case "char" -> file.put((byte) value);
                case "short" -> file.putShort((short) value);
                case "int" -> file.putInt(value);
                case "long" -> file.putLong(value);
                case "float" -> file.putFloat(value);
                default -> file.putDouble(value);
            }
        }
        Path path = Files.write(folder.resolve("typed"), file.array());
        Dataset<Row> rows = spark.read()
                .format("highpage")
                .option(
                        "source",
                        "kernel void add(global const T *x, global T *y, T by) {"
                                + " size_t i = get_global_id(0); y[i] = x[i] + by; }")
                .option("buildOptions", "-DT=" + type)
                .option("kernel", "add")
                .option("args", type + ":2")
                .option("chunk", "4k")
                .schema("y " + sql)
                .load(path.toString());
        List<Double> expected = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            expected.add((double) (i % 200 - 98));
        }
        assertThat(rows.selectExpr("cast(y as double)").as(Encoders.DOUBLE()).collectAsList())
                .isEqualTo(expected);
    }

    @Test
    void aKernelMayHaveSeveralInputsAndColumns() throws IOException {
        Path a = Numbers.write(folder.resolve("a"), 0, 10_000);
        Path b = Numbers.write(folder.resolve("b"), 500, 10_000);
        Dataset<Row> rows = spark.read()
                .format("highpage")
                .option("source", """
                        kernel void both(global const float *a, global const float *b,
                                global float *sum, global int *more) {
                            size_t i = get_global_id(0);
                            sum[i] = a[i] + b[i];
                            more[i] = a[i] > b[i];
                        }
                        """)
                .option("kernel", "both")
                .option("chunk", "16k")
                .option("input.1", a.toString())
                .option("input.2", b.toString())
                .load();
        assertThat(rows.schema().toDDL()).isEqualTo("sum FLOAT NOT NULL,more INT NOT NULL");
        double sum = 0;
        long more = 0;
        for (int row = 0; row < 10_000; row++) {
            sum += Numbers.of(row) + Numbers.of(row + 500);
            more += Numbers.of(row) > Numbers.of(row + 500) ? 1 : 0;
        }
        Row found = rows.agg(sum("sum"), sum("more")).first();
        assertThat(found.getDouble(0)).isEqualTo(sum);
        assertThat(found.getLong(1)).isEqualTo(more);
        assertThat(rows.agg(sum("more")).first().getLong(0)).isEqualTo(more); // the second alone
        assertThat(rows.count()).isEqualTo(10_000); // none of them
    }

    // ---- in place ----

    @Test
    void generatedCodeReadsBatchesOfPinnedColumns() {
        Dataset<Row> sums = twice().filter(col("y").gt(0)).agg(sum("y"));
        sums.collectAsList();
        String plan = sums.queryExecution().executedPlan().toString();
        assertThat(plan)
                .containsPattern("\\*\\(1\\) Filter .*")
                .containsPattern("\\*\\(1\\) ColumnarToRow\\s+\\+- BatchScan highpage kernel");
        SparkPlan scan = scan(twice());
        assertThat(scan.supportsColumnar()).isTrue();
        List<String> kinds = scan.executeColumnar()
                .toJavaRDD()
                .map(batch -> batch.column(0).getClass().getSimpleName() + batch.numRows())
                .collect();
        assertThat(kinds).contains("PinnedColumn4096").doesNotContain("PinnedColumn0");
    }

    @Test
    void aBatchEndsWithTheNext() {
        List<String> said = scan(twice())
                .executeColumnar()
                .toJavaRDD()
                .mapPartitions(HighpageSourceTest::readLate)
                .collect();
        assertThat(said).hasSize(11).allMatch(text -> text.contains("has ended"));
    }

    private static Iterator<String> readLate(Iterator<ColumnarBatch> batches) {
        ColumnarBatch first = batches.next();
        first.column(0).getFloat(0);
        batches.hasNext(); // asks for the next
        try {
            return List.of("read " + first.column(0).getFloat(0)).iterator();
        } catch (IllegalStateException late) {
            return List.of(String.valueOf(late.getMessage())).iterator();
        }
    }

    /** As PySpark does. */
    @Test
    void batchesMayBeReadByAnotherThreadOfTheTask() {
        List<Double> sums = scan(twice())
                .executeColumnar()
                .toJavaRDD()
                .mapPartitions(HighpageSourceTest::sumElsewhere)
                .collect();
        assertThat(sums.stream().mapToDouble(sum -> sum).sum()).isEqualTo(Numbers.twiceSum(ROWS));
    }

    private static Iterator<Double> sumElsewhere(Iterator<ColumnarBatch> batches)
            throws InterruptedException {
        TaskContext task = TaskContext.get();
        double[] sum = new double[1];
        Thread reader = Thread.ofPlatform()
                .start(() -> sum[0] = TaskContext.withTaskContext(task, () -> total(batches)));
        reader.join();
        return List.of(sum[0]).iterator();
    }

    private static double total(Iterator<ColumnarBatch> batches) {
        double sum = 0;
        while (batches.hasNext()) {
            ColumnarBatch batch = batches.next();
            for (int row = 0; row < batch.numRows(); row++) {
                sum += batch.column(0).getFloat(row);
            }
        }
        return sum;
    }

    @Test
    void metricsTellBytesAndTimes() {
        Dataset<Row> sums = twice().filter(col("y").gt(0)); // no exchange: one stage, one plan
        sums.collectAsList();
        var metrics = scan(sums).metrics();
        assertThat(metrics.apply("bytesRead").value()).isEqualTo(ROWS * 4L);
        assertThat(metrics.apply("kernelTime").value()).isPositive();
        assertThat(metrics.contains("roomWait")).isTrue();
        assertThat(new ScanBytesMetric().aggregateTaskMetrics(new long[] {1 << 20, 1 << 19}))
                .isEqualTo("1.5 MiB");
        assertThat(new ScanWaitMetric().aggregateTaskMetrics(new long[] {1_500_000, 500_000}))
                .isEqualTo("2.0 ms, at most 1.5 ms in a task");
    }

    // ---- mistakes ----

    @Test
    void aKernelThatDoesNotCompileIsToldByLoadWithTheCompilersWords() {
        assertThatThrownBy(() -> twice("source", "kernel void twice() { nonsense; }"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("option 'source' does not compile")
                .hasMessageContaining("nonsense");
        assertThatThrownBy(() -> twice("kernel", "thrice"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no kernel 'thrice'; it has: twice");
        assertThatThrownBy(() -> twice("args", "float:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no parameter left for a column");
    }

    @Test
    void piecesThatNeverFitAreToldByLoad() {
        assertThatThrownBy(() -> twice("elementBytes", "512m"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs 2147483648 bytes of device memory")
                .hasMessageContaining("has 67108864 of opencl:0")
                .hasMessageContaining("spark.highpage.deviceMemory");
    }

    @Test
    void filesOfPartsOfElementsAreToldByLoad() throws IOException {
        Files.write(folder.resolve("3.f32"), new byte[6]);
        assertThatThrownBy(this::twice)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "3.f32 has 6 bytes, which are no whole number of elements of 4");
    }

    @Test
    void aSchemaOfOtherColumnsIsToldByLoad() {
        String path = folder.toString();
        assertThatThrownBy(() -> Numbers.twice(spark).schema("y INT").load(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column y cannot be INT: kernel 'twice' makes 'float *y'");
        assertThat(Numbers.twice(spark).schema("twofold FLOAT").load(path).columns())
                .containsExactly("twofold");
    }

    @Test
    void aFileThatHasChangedFailsTheQuery() throws IOException {
        Dataset<Row> rows = twice();
        Numbers.write(folder.resolve("2.f32"), 0, 10);
        assertThatThrownBy(rows::count).hasStackTraceContaining("2.f32 has changed since load()");
    }

    // ---- ends in the middle ----

    @Test
    void aQueryThatFailsGivesItsPipesBack() {
        assertThatThrownBy(() -> twice().as(Encoders.FLOAT())
                        .filter((FilterFunction<Float>) HighpageSourceTest::failLate)
                        .count())
                .hasStackTraceContaining("enough");
    }

    private static boolean failLate(float y) {
        if (y == 2 * Numbers.of(999)) {
            throw new IllegalStateException("enough");
        }
        return true;
    }

    private static volatile CountDownLatch underWay = new CountDownLatch(1);

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aQueryThatIsKilledGivesItsPipesBack(boolean interrupt) throws Exception {
        underWay = new CountDownLatch(1);
        Thread query = Thread.ofPlatform().start(() -> {
            spark.sparkContext().setJobGroup("slow", "", interrupt);
            assertThatThrownBy(() -> twice().as(Encoders.FLOAT())
                            .mapPartitions(
                                    (MapPartitionsFunction<Float, Float>)
                                            HighpageSourceTest::slowly,
                                    Encoders.FLOAT())
                            .count())
                    .hasMessageContaining("cancelled");
        });
        underWay.await();
        spark.sparkContext().cancelJobGroup("slow");
        query.join();
    }

    private static Iterator<Float> slowly(Iterator<Float> rows) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Float next() {
                underWay.countDown();
                Eventually.sleep(5);
                return rows.next();
            }
        };
    }

    private Dataset<Row> twice(String... options) {
        var reader = Numbers.twice(spark);
        for (int i = 0; i < options.length; i += 2) {
            reader.option(options[i], options[i + 1]);
        }
        return reader.load(folder + "/*.f32");
    }

    private static SparkPlan scan(Dataset<Row> rows) {
        SparkPlan plan = rows.queryExecution().executedPlan();
        while (!(plan instanceof BatchScanExec)) {
            plan = plan.children().head();
        }
        return plan;
    }
}
