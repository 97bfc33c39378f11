// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the driver knows of an application's executors. Bounded: of an application that runs for
 * months the last reports. Thread-safe.
 */
final class ExecutorNotes {
    private static final int KEPT = 1_000;

    private final int failuresAllowed;

    // Guarded by this.
    private final Map<String, Report.Opened> open = new LinkedHashMap<>();
    private final Map<String, Integer> failuresByKind = new HashMap<>();
    private final Set<String> heardOf = new HashSet<>(); // of those that Spark still has
    private final List<Report> last = new ArrayList<>();
    private long opened;
    private long failed;
    private long leaks;
    private String stopReason = "";

    /** @param failuresAllowed after how many failures of one kind it is time to stop */
    ExecutorNotes(int failuresAllowed) {
        this.failuresAllowed = failuresAllowed;
    }

    /** {@return why the application has to stop now; empty if it need not, or was told before} */
    synchronized Optional<String> add(Report report) {
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.add(report);
        heardOf.add(report.executor());
        switch (report) {
            case Report.Opened executor -> {
                opened++;
                open.put(executor.executor(), executor);
            }
            case Report.Closed executor -> {
                open.remove(executor.executor());
                leaks += executor.untoldLeaks();
            }
            case Report.Leak leak -> leaks += 1 + leak.untold();
            case Report.Lost lost -> {
                open.remove(lost.executor());
                if (lost.executor().equals(DriverLink.DRIVER)) {
                    return stop("the device of this process was lost: " + lost.reason());
                }
            }
            case Report.Failed failure -> {
                return failed(failure);
            }
        }
        return Optional.empty();
    }

    /**
     * Takes note that Spark has an executor no more.
     *
     * @param why in Spark's words
     * @return as of {@link #add}: one that has told nothing has failed
     */
    synchronized Optional<String> removed(String executor, String host, String why) {
        open.remove(executor);
        if (heardOf.remove(executor)) {
            return Optional.empty();
        }
        Optional<String> stop = add(new Report.Failed(
                executor,
                host,
                "it ended before Highpage's"
                        + " plugin could tell why (" + why
                        + "). Its stderr does: a Java older than 25"
                        + " (UnsupportedClassVersionError), no highpage-spark on its class path"
                        + " (ClassNotFoundException), or a driver that ends the process"));
        heardOf.remove(executor);
        return stop;
    }

    private Optional<String> failed(Report.Failed failure) {
        failed++;
        int alike = failuresByKind.merge(kind(failure.reason()), 1, Integer::sum);
        if (opened > 0 || alike < failuresAllowed || !stopReason.isEmpty()) {
            return Optional.empty();
        }
        return stop("Highpage cannot start in any executor; " + alike
                + " have failed, and none has succeeded: " + failure.reason());
    }

    private Optional<String> stop(String reason) {
        stopReason = reason;
        return Optional.of(reason);
    }

    /** Addresses, sizes and process numbers differ from one executor to the next. */
    private static String kind(String reason) {
        return reason.replaceAll("\\d+", "#");
    }

    /** {@return why the application was stopped; empty if it was not} */
    synchronized String stopReason() {
        return stopReason;
    }

    /** {@return the executors that have a runtime, by name} */
    synchronized Map<String, Report.Opened> open() {
        return Map.copyOf(open);
    }

    /** {@return the last reports of a kind, oldest first} */
    synchronized <T extends Report> List<T> last(Class<T> kind) {
        return last.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /** {@return how many executors have ever had a runtime} */
    synchronized long opened() {
        return opened;
    }

    /** {@return how many executors could not open one} */
    synchronized long failed() {
        return failed;
    }

    /** {@return how many leaks there were, those that were not told in full too} */
    synchronized long leaks() {
        return leaks;
    }
}
