// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The job with Highpage and the plain ways, in turn, in one run. */
record Comparison(Job job, String device, PrintStream out) {
    private static final int ROUNDS = 5;

    private interface Way {
        Result run(Path output) throws IOException;
    }

    void run() throws IOException {
        try (NewFile output = Ingest.create(job)) {
            run(output);
            output.finish();
        }
    }

    private void run(NewFile output) throws IOException {
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put("Highpage", this::highpage);
        ways.put("plain", file -> plain(file, 1));
        ways.put("plain, two pieces at a time", file -> plain(file, 2));
        Map<String, List<Long>> nanos = new LinkedHashMap<>();
        boolean first = true;
        for (int round = -1; round < ROUNDS; round++) { // the first is to warm up
            for (Map.Entry<String, Way> way : ways.entrySet()) {
                Result result =
                        first ? once(way.getValue(), output) : again(way.getValue(), output);
                first = false;
                if (round >= 0) {
                    nanos.computeIfAbsent(way.getKey(), any -> new ArrayList<>())
                            .add(result.nanos());
                } else {
                    out.println(way.getKey() + ": kept " + result.kept() + " of " + result.records()
                            + " records by " + result.way());
                }
            }
        }
        long best = median(nanos.get("Highpage"));
        nanos.forEach((way, times) ->
                out.printf("%s: %.2f times Highpage's time%n", way, (double) median(times) / best));
    }

    /** Outside of its time what was written goes to the disk. */
    private static Result once(Way way, NewFile output) throws IOException {
        Result result = way.run(output.part());
        output.force();
        return result;
    }

    /** Does it again, and compares what it writes with what was written first. */
    private Result again(Way way, NewFile first) throws IOException {
        Path path = job.output().resolveSibling(job.output().getFileName() + ".again");
        try (NewFile output = new NewFile(path)) {
            Result result = once(way, output);
            long differs = Files.mismatch(first.part(), output.part());
            if (differs >= 0) {
                throw new IOException("the outputs differ at byte " + differs);
            }
            return result;
        }
    }

    private Result highpage(Path output) throws IOException {
        try (Filter filter = Ingest.filter(device, job, out)) {
            return new Pipeline(job, filter, bytes -> {}).run(output);
        }
    }

    private Result plain(Path output, int depth) throws IOException {
        try (Filter filter = Ingest.filter(device, job, out)) {
            if (filter instanceof OpenClFilter cl) {
                cl.memory().close(); // the plain way has its own
                return new PlainWay(job.input(), cl, depth).run(output);
            }
            throw new IOException("there is nothing to compare without OpenCL");
        }
    }

    private static long median(List<Long> times) {
        List<Long> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
