// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.console;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import org.jspecify.annotations.Nullable;

/**
 * How far a task is: a bar on standard error once the task has taken a second, on a terminal only.
 * Thread-safe.
 */
public final class Progress implements AutoCloseable {
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final int WIDTH = 78;

    private final String task;
    private final long total;
    private final long unit;
    private final String unitName;
    private final boolean visible;
    private final long start = System.nanoTime();
    private long done;
    private @Nullable ProgressBar bar;

    private Progress(String task, long total, long unit, String unitName, boolean visible) {
        this.task = task;
        this.total = total;
        this.unit = unit;
        this.unitName = unitName;
        this.visible = visible;
    }

    /**
     * {@return the progress of a task over bytes}
     *
     * @param task what is being done
     * @param totalBytes how many bytes there are
     * @param quiet whether to show nothing in any case
     */
    public static Progress ofBytes(String task, long totalBytes, boolean quiet) {
        return new Progress(task, totalBytes, 1 << 20, " MiB", !quiet && onTerminal());
    }

    /**
     * {@return the progress of a task over things}
     *
     * @param task what is being done
     * @param total how many things there are
     * @param quiet whether to show nothing in any case
     */
    public static Progress of(String task, long total, boolean quiet) {
        return new Progress(task, total, 1, "", !quiet && onTerminal());
    }

    /**
     * Takes note that more is done.
     *
     * @param more how much more
     */
    public synchronized void add(long more) {
        done += more;
        if (bar != null) {
            bar.stepTo(done);
        } else if (visible && System.nanoTime() - start > PATIENCE_NANOS) {
            bar = open();
            bar.stepTo(done);
        }
    }

    /** Takes the bar off the screen. */
    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private ProgressBar open() {
        return new ProgressBarBuilder()
                .setTaskName(Printable.line(task))
                .setInitialMax(total)
                .setUnit(unitName, unit)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .clearDisplayOnFinish()
                .build();
    }

    private static boolean onTerminal() {
        return System.console() != null && System.console().isTerminal();
    }
}
