// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import io.highpage.cli.recording.Recording;
import io.highpage.cli.timeline.Part;
import io.highpage.cli.timeline.TimelineFormat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Recordings as a trace for Perfetto. */
public final class PerfettoFormat implements TimelineFormat {
    @Override
    public String suffix() {
        return ".pftrace";
    }

    @Override
    public void write(List<Recording> recordings, Part part, OutputStream out) throws IOException {
        PerfettoExport.write(recordings, part, out);
    }
}
