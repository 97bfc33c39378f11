// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.List;

/** Reports as text. */
public final class Tables {
    private static final int NOTE_WIDTH = 60;

    private Tables() {}

    /** {@return the rows as a table for a terminal} */
    public static String text(Report report) {
        return AsciiTable.getTable(
                AsciiTable.NO_BORDERS,
                report.rows(),
                List.of(
                        new Column()
                                .header("name")
                                .dataAlign(HorizontalAlign.LEFT)
                                .with(Row::name),
                        new Column()
                                .header("ratio")
                                .dataAlign(HorizontalAlign.RIGHT)
                                .with(Row::ratioText),
                        new Column()
                                .header("target")
                                .dataAlign(HorizontalAlign.LEFT)
                                .with(Row::targetText),
                        new Column().header("").dataAlign(HorizontalAlign.LEFT).with(Row::metText),
                        new Column()
                                .header("what")
                                .dataAlign(HorizontalAlign.LEFT)
                                .maxWidth(NOTE_WIDTH)
                                .with(Row::what),
                        new Column()
                                .header("measured")
                                .dataAlign(HorizontalAlign.LEFT)
                                .maxWidth(NOTE_WIDTH)
                                .with(Row::note)));
    }
}
