// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;

import java.util.Map;

/**
 * {@code spark.read().format("highpage")}: files of numbers through a kernel, as columns. Each
 * batch of rows is pinned memory that Spark reads in place, while the device works on the next.
 *
 * <pre>{@code
 * Dataset<Row> scaled = spark.read()
 *         .format("highpage")
 *         .option("sourceFile", "scale.cl") // scale(const float *x, float *y, float by)
 *         .option("kernel", "scale")
 *         .option("args", "float:0.5")
 *         .load("/data/*.f32");
 * scaled.selectExpr("sum(y)").show();
 * }</pre>
 *
 * <p>Columns are named after the kernel's parameters; {@code schema(...)} gives them other names.
 * All options are in {@code docs/spark.md}. Spark makes an instance for each {@code load()} and
 * calls it from one thread.
 */
public final class HighpageSource implements TableProvider, DataSourceRegister {
    private @Nullable ScanOptions options;
    private @Nullable KernelColumns columns;

    /** For Spark. */
    public HighpageSource() {}

    /** {@return {@code highpage}} */
    @Override
    public String shortName() {
        return "highpage";
    }

    /**
     * {@return the columns that the kernel makes}
     *
     * @param given what the program says with {@code option(name, value)}
     * @throws IllegalArgumentException if an option is missing or makes no sense, the kernel does
     *     not compile or makes no columns that Spark has, or executors have no plugin
     */
    @Override
    public StructType inferSchema(CaseInsensitiveStringMap given) {
        return columns(ScanOptions.of(given)).schema();
    }

    /** {@return {@code true}: {@code schema(...)} may name the columns} */
    @Override
    public boolean supportsExternalMetadata() {
        return true;
    }

    /**
     * {@return the table of a schema}
     *
     * @param schema that was inferred, or given by the program
     * @param partitioning none
     * @param properties the options
     * @throws IllegalArgumentException if the schema is not the kernel's, or there are no such
     *     files
     */
    @Override
    public Table getTable(
            StructType schema, Transform[] partitioning, Map<String, String> properties) {
        ScanOptions asked = ScanOptions.of(new CaseInsensitiveStringMap(properties));
        KernelColumns made = columns(asked);
        made.check(schema);
        return new HighpageTable(
                asked, made, schema, ScanFiles.find(asked.inputs(), made.elementBytes()));
    }

    /** An executor is asked once for both calls. */
    private KernelColumns columns(ScanOptions asked) {
        KernelColumns known = columns;
        if (known == null || !asked.equals(options)) {
            known = ColumnsQuestion.ask(asked);
            options = asked;
            columns = known;
        }
        return known;
    }
}
