// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import io.highpage.cli.console.AccessText;
import io.highpage.cli.console.UserError;
import io.highpage.cli.replay.ProgramStep;
import io.highpage.cli.replay.ProgramTrace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/** The accesses of programs, for the simulator of policies. */
public final class Accesses {
    private Accesses() {}

    /**
     * {@return the accesses of the device that is used most, as {@code highpage bench policy} reads
     * them}
     *
     * @param traces what runtimes did
     * @param memory how much memory the device is to have; as recorded if not given
     * @throws UserError if there are no accesses, or how much memory there was is not known
     */
    public static String text(List<ProgramTrace> traces, OptionalLong memory) {
        ProgramTrace busiest = null;
        int device = 0;
        long most = 0;
        for (ProgramTrace trace : traces) {
            for (int each = 1; each <= trace.devices().size(); each++) {
                long count = count(trace, each);
                if (count > most) {
                    most = count;
                    busiest = trace;
                    device = each;
                }
            }
        }
        if (busiest == null) {
            throw UserError.failed("there are no device accesses in the recording, whose order a"
                    + " policy of eviction could go by");
        }
        ProgramTrace.DeviceOf of = busiest.devices().get(device - 1);
        long memoryBytes = memory.orElse(of.memoryBytes());
        if (memoryBytes == Long.MAX_VALUE) {
            throw UserError.failed("how much memory " + of.name() + " had is not in the recording:"
                    + " --device-memory says how much spans are to compete for");
        }
        return text(busiest, device).text(memoryBytes);
    }

    private static long count(ProgramTrace trace, int device) {
        return trace.steps().stream()
                .filter(step -> step instanceof ProgramStep.Take take
                        && take.device() == device
                        && take.result().isGranted())
                .count();
    }

    private static AccessText text(ProgramTrace trace, int device) {
        AccessText text = new AccessText();
        Map<Long, ProgramStep.Open> buffers = new HashMap<>();
        for (ProgramStep step : trace.steps()) {
            if (step instanceof ProgramStep.Open open) {
                buffers.put(open.buffer(), open);
            } else if (step instanceof ProgramStep.Take take
                    && take.device() == device
                    && take.result().isGranted()) {
                ProgramStep.Open open =
                        Objects.requireNonNull(buffers.get(take.pages().buffer()));
                long offset = take.pages().page() * open.pageBytes();
                long bytes = take.pages().count() * open.pageBytes();
                text.used(
                        new AccessText.Spans(
                                open.buffer(), open.byteSize(), open.pageBytes(), open.spanBytes()),
                        offset,
                        Math.min(bytes, open.byteSize() - offset),
                        take.terms().mode());
            }
        }
        return text;
    }
}
