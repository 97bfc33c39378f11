// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.outcome.HolderInfo;

import org.apache.spark.TaskContext;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The half of the plugin in an executor: its device, and which tasks use that. Spark calls
 * {@link #init} and {@link #shutdown}, and the rest from any task's thread. Thread-safe.
 */
final class HighpageExecutor implements ExecutorPlugin {
    /** Told apart from Spark's own exit codes, so that the driver's log shows why. */
    static final int EXIT_DEVICE_LOST = 20;

    private static final Logger LOG = LoggerFactory.getLogger(HighpagePlugin.class);
    private static final long HALT_MILLIS = 30_000;

    /** So that the driver hears why the task has failed, before it hears that the executor has. */
    private static final long EXIT_MILLIS = 1_000;

    private static volatile @Nullable HighpageExecutor current;

    private final Map<Key, TaskEnds> tasks = new ConcurrentHashMap<>();
    private final Set<TaskPages> remains = ConcurrentHashMap.newKeySet(); // what ended tasks left
    private final LeakLimit leaks = new LeakLimit(System::nanoTime);

    // Set by init, before any task is there.
    private @Nullable DriverLink link;
    private @Nullable Settings settings;
    private @Nullable ExecutorDevice device;

    // Guarded by this: whether it has been told to end, has closed the device, and has lost it.
    private boolean isEnding;
    private boolean isClosed;
    private boolean isLost;

    /**
     * {@return the one of this process}
     *
     * @throws IllegalStateException if there is none; says what to do
     */
    static HighpageExecutor current() {
        @Nullable HighpageExecutor there = current;
        if (there == null) {
            throw new IllegalStateException("Highpage's plugin is not in this executor: add --conf"
                    + " spark.plugins=" + HighpagePlugin.class.getName());
        }
        return there;
    }

    // ---- Spark's calls ----

    @Override
    public void init(PluginContext context, Map<String, String> extra) {
        DriverLink driver = new DriverLink(context);
        link = driver;
        try {
            Settings set = Settings.of(context.conf());
            settings = set;
            ExecutorDevice opened =
                    ExecutorDevice.open(set, context.resources(), driver.isDriver());
            device = opened;
            ExecutorMetrics.register(context.metricRegistry(), opened);
        } catch (RuntimeException | Error failed) {
            driver.tellLast(new Report.Failed(driver.executor(), driver.host(), reason(failed)));
            closeUnused(failed);
            throw failed;
        }
        current = this;
        driver.tell(new Report.Opened(
                driver.executor(),
                driver.host(),
                device().device().name(),
                device().device().limitBytes()));
    }

    /** In local mode the process lives on. */
    private void closeUnused(Throwable failed) {
        @Nullable ExecutorDevice unused = device;
        device = null;
        if (unused != null) {
            try {
                unused.close();
            } catch (RuntimeException alsoFailed) {
                failed.addSuppressed(alsoFailed);
            }
        }
    }

    @Override
    public void onTaskFailed(TaskFailedReason reason) {
        endIfLost("a task", reason.toErrorString());
    }

    /**
     * Ends it. Tasks may still run, as they do when the process is told to end: their memory is
     * left to them. In a process that lives on the last of them closes the device.
     */
    @Override
    public void shutdown() {
        DriverLink driver = link();
        List<String> unfinished;
        synchronized (this) {
            isEnding = true;
            unfinished =
                    live().stream().map(TaskPages::owner).distinct().sorted().toList();
        }
        if (current == this && driver.isDriver()) { // else the process ends, and tasks are told so
            current = null;
        }
        if (device != null) {
            closeIfLast();
            driver.tellLast(new Report.Closed(driver.executor(), unfinished, leaks.takeUntold()));
        }
    }

    // ---- of tasks ----

    private record Key(long task, boolean isOfScan) {}

    /** {@return what a task has, made if it has nothing yet} */
    TaskPages pagesOf(TaskContext context) {
        return pages(new Key(context.taskAttemptId(), false), context);
    }

    /** {@return what Spark's reading of scans has in a task} */
    TaskPages pagesOfScan(TaskContext context) {
        return pages(new Key(context.taskAttemptId(), true), context);
    }

    private TaskPages pages(Key key, TaskContext context) {
        awaitEndIfLost();
        TaskPages made;
        @Nullable TaskEnds known;
        TaskEnds ends;
        synchronized (this) {
            known = tasks.get(key);
            @Nullable TaskPages there = known == null ? null : known.pages();
            if (there != null) {
                return there;
            }
            if (isEnding || isLost) {
                throw new IllegalStateException(
                        isEnding ? "this executor ends" : "this executor's device was lost");
            }
            made = new TaskPages(this, context);
            ends = known == null ? new TaskEnds(() -> tasks.remove(key)) : known;
            ends.pages(made);
            tasks.put(key, ends);
        }
        if (known == null) {
            ends.listenTo(context);
        }
        return made;
    }

    /**
     * Where the process is about to end. A task that failed at once would be sent here again at
     * once, and so use up its attempts.
     */
    private void awaitEndIfLost() {
        synchronized (this) {
            if (!isLost || link().isDriver()) {
                return;
            }
        }
        try {
            Thread.sleep(HALT_MILLIS);
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
        }
    }

    private List<TaskPages> live() {
        return tasks.values().stream()
                .flatMap(task -> Stream.ofNullable(task.pages()))
                .toList();
    }

    /** Keeps what could not be closed, for later tries. */
    void keep(TaskPages pages) {
        remains.add(pages);
    }

    /** Forgets pages that have nothing any more. */
    void ended(TaskPages pages) {
        for (TaskEnds each : tasks.values()) {
            if (each.pages() == pages) {
                each.pages(null);
            }
        }
        remains.removeIf(TaskPages::endRest);
        synchronized (this) {
            if (!isEnding) {
                return;
            }
        }
        closeIfLast();
    }

    /** Tells the driver what a task has left, unless it was told of enough in this minute. */
    void tellOfLeak(String who, List<String> left) {
        LOG.warn("LEAK: {} left open: {}", who, left);
        if (leaks.take()) {
            link().tell(new Report.Leak(link().executor(), who, left, leaks.takeUntold()));
        }
    }

    ExecutorDevice device() {
        return there(device);
    }

    Settings settings() {
        return there(settings);
    }

    private DriverLink link() {
        return there(link);
    }

    private static <T> T there(@Nullable T field) {
        if (field == null) {
            throw new IllegalStateException("the plugin of this executor has not been opened");
        }
        return field;
    }

    // ---- ends ----

    /** {@return whether the device has been closed, or left to the process's end} */
    synchronized boolean isClosed() {
        return isClosed;
    }

    private void closeIfLast() {
        synchronized (this) {
            if (!live().isEmpty() || isClosed) {
                return;
            }
            isClosed = true;
        }
        try {
            try {
                device().pool().close(); // pipes that wait to be used have pins, and are no leaks
            } finally {
                tellOfHolders();
            }
            device().close();
        } catch (RuntimeException inUse) {
            LOG.warn("The runtime stays open to the end of the process", inUse);
        }
    }

    private void tellOfHolders() {
        List<String> held =
                device().runtime().holders().stream().map(HolderInfo::toString).toList();
        if (!held.isEmpty()) {
            tellOfLeak("the executor, at its end", held);
        }
    }

    /**
     * Ends the process if the device was lost: what a driver has lost works for nobody, and Spark
     * makes another executor.
     *
     * @param who met it
     * @param why in words, of which the first line counts
     */
    void endIfLost(String who, String why) {
        synchronized (this) {
            if (isLost || !device().device().isLost()) {
                return;
            }
            isLost = true;
        }
        String reason = why.lines().findFirst().orElse("");
        LOG.error("The device {} was lost, in {}: {}", device().device().name(), who, reason);
        link().tell(new Report.Lost(link().executor(), who, reason));
        if (!link().isDriver()) { // there the driver stops the application
            after(EXIT_MILLIS, () -> System.exit(EXIT_DEVICE_LOST));
            after(HALT_MILLIS, () -> Runtime.getRuntime().halt(EXIT_DEVICE_LOST));
        }
    }

    private static void after(long millis, Runnable end) {
        Thread.ofPlatform().daemon().name("highpage-device-lost").start(() -> {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException atOnce) {
                // nobody does; the end is right all the same
            }
            end.run();
        });
    }

    private static String reason(Throwable failed) {
        return failed.getMessage() == null ? failed.toString() : failed.getMessage();
    }
}
