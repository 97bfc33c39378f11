// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.bench.Numbers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A kernel over large files and over small ones, each way by turns. */
record JobsMeasurement(Run run, Application application) {
    void measure(BenchKernel kernel) throws Exception {
        measure(kernel, run.files());
        measure(kernel, run.smallFiles());
    }

    private void measure(BenchKernel kernel, List<Path> files) throws Exception {
        String size = Numbers.size(Files.size(files.getFirst()));
        String group = kernel.id() + "-" + files.size() + "x" + size.replace(" ", "");
        run.progress().accept("jobs: " + group);
        Path outputs = run.scratch().outputsFolder();
        Rounds rounds = run.rounds(application, files.size());
        for (Way way : Way.values()) {
            rounds.with(way.text(), () -> way.run(application.spark(), kernel, files, outputs));
        }
        Map<String, Times> times =
                rounds.run(run.amount().warmUps(), run.amount().rounds(kernel));
        run.findings().add(group, times);
        String what = "'" + kernel.id() + "' over " + files.size() + " files of " + size
                + " by Highpage's jobs, to ";
        compare(group + "-jocl", what, 1.05, times, Way.JOCL);
        if (files == run.smallFiles()) {
            compare(group + "-jocl-per-task", what, 0.75, times, Way.JOCL_PER_TASK);
        }
    }

    private void compare(
            String name, String what, double most, Map<String, Times> times, Way other) {
        run.findings()
                .atMost(
                        name,
                        what + other.text(),
                        most,
                        times.get(Way.POOL.text()),
                        times.get(other.text()));
    }
}
