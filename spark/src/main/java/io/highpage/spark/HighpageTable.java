// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

import java.util.Arrays;
import java.util.Set;

/**
 * Files and a kernel, as Spark's planner sees them. Immutable and thread-safe.
 *
 * @param options what the program has said
 * @param made what the kernel makes
 * @param all its columns, with the program's names
 * @param files that are read
 */
record HighpageTable(ScanOptions options, KernelColumns made, StructType all, ScanFiles files)
        implements SupportsRead {
    @Override
    public String name() {
        return "highpage kernel " + made.kernel();
    }

    @Override
    public Column[] columns() {
        return Arrays.stream(all.fields())
                .map(field -> Column.create(field.name(), field.dataType(), field.nullable()))
                .toArray(Column[]::new);
    }

    @Override
    public Set<TableCapability> capabilities() {
        return Set.of(TableCapability.BATCH_READ);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap ignored) {
        return new Builder();
    }

    /** Used by one thread at a time. */
    private final class Builder implements SupportsPushDownRequiredColumns {
        private StructType needed = all;

        @Override
        public void pruneColumns(StructType required) {
            needed = required;
        }

        @Override
        public Scan build() {
            return new HighpageScan(HighpageTable.this, needed);
        }
    }
}
