// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any bytes are either traces or one error that names the file, the line and what was expected. */
class TraceParserFuzzTest {
    @FuzzTest
    void parse_ofAnyBytes_isTracesOrAFormatError(byte[] bytes) {
        List<String> lines =
                new String(bytes, StandardCharsets.ISO_8859_1).lines().toList();
        try {
            Traces traces = TraceParser.read("fuzz", lines);
            assertThat(traces.kernel().size() + traces.programs().size()).isPositive();
            for (ProgramTrace program : traces.programs()) {
                assertThat(TraceParser.read("again", program.lines().toList()).programs())
                        .containsExactly(program);
            }
            for (Trace trace : traces.kernel()) {
                assertThat(trace.pages()).isPositive();
                for (TraceStep step : trace.steps()) {
                    assertThat(step.state()).hasSize(trace.pages());
                }
            }
        } catch (TraceFormatException refused) {
            assertThat(refused.getMessage())
                    .matches("fuzz:\\d+: expected [\\x20-\\x7e]+, found [\\x20-\\x7e]+");
        }
    }
}
