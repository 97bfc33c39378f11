// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.spark.Report.Closed;
import io.highpage.spark.Report.Failed;
import io.highpage.spark.Report.Leak;
import io.highpage.spark.Report.Lost;
import io.highpage.spark.Report.Opened;

import org.junit.jupiter.api.Test;

import java.util.List;

class ExecutorNotesTest {
    private final ExecutorNotes notes = new ExecutorNotes(3);

    private static Opened opened(String executor) {
        return new Opened(executor, "here", "opencl:0", 1 << 20);
    }

    @Test
    void failuresOfOneKind_stopOnce() {
        assertThat(notes.add(new Failed("0", "here", "need 17 bytes"))).isEmpty();
        assertThat(notes.add(new Failed("1", "here", "another reason"))).isEmpty();
        assertThat(notes.add(new Failed("2", "here", "need 18 bytes"))).isEmpty();
        assertThat(notes.add(new Failed("3", "there", "need 19 bytes")))
                .hasValue("Highpage cannot start in any executor; 3 have failed, and none has"
                        + " succeeded: need 19 bytes");
        assertThat(notes.add(new Failed("4", "there", "need 20 bytes"))).isEmpty();
        assertThat(notes.stopReason()).contains("need 19 bytes");
        assertThat(notes.failed()).isEqualTo(5);
    }

    @Test
    void failuresBesideASuccess_stopNothing() {
        notes.add(opened("0"));
        notes.add(new Closed("0", List.of(), 0));
        for (int executor = 1; executor < 10; executor++) {
            assertThat(notes.add(new Failed("" + executor, "here", "no"))).isEmpty();
        }
        assertThat(notes.stopReason()).isEmpty();
    }

    @Test
    void executorThatEndsWithoutAWord_hasFailed() {
        notes.add(new Failed("0", "here", "no"));
        assertThat(notes.removed("0", "here", "exit 1")).isEmpty();
        assertThat(notes.failed()).isOne();
        assertThat(notes.removed("1", "here", "exit 50")).isEmpty();
        assertThat(notes.removed("2", "here", "exit 50")).isEmpty();
        assertThat(notes.removed("3", "here", "exit 50"))
                .hasValueSatisfying(reason -> assertThat(reason)
                        .contains("3 have failed", "exit 50", "a Java older than 25"));
    }

    @Test
    void executorThatIsKilled_isOpenNoMore() {
        notes.add(opened("0"));
        assertThat(notes.removed("0", "here", "killed")).isEmpty();
        assertThat(notes.open()).isEmpty();
        assertThat(notes.failed()).isZero();
    }

    @Test
    void executors_areOpenUntilTheyCloseOrLoseTheirDevice() {
        notes.add(opened("0"));
        notes.add(opened("1"));
        notes.add(opened("2"));
        notes.add(new Closed("0", List.of(), 0));
        notes.add(new Lost("1", "", "gone"));
        assertThat(notes.open()).containsOnlyKeys("2");
        assertThat(notes.opened()).isEqualTo(3);
    }

    @Test
    void leaks_areCountedWithThoseThatWereNotTold() {
        notes.add(new Leak("0", "a task", List.of("a pin"), 0));
        notes.add(new Leak("0", "a task", List.of("a pin"), 5));
        notes.add(new Closed("0", List.of(), 7));
        assertThat(notes.leaks()).isEqualTo(14);
        assertThat(notes.last(Leak.class)).hasSize(2);
    }

    @Test
    void reports_areKeptToABound() {
        for (int each = 0; each < 1_500; each++) {
            notes.add(new Leak("" + each, "a task", List.of(), 0));
        }
        assertThat(notes.last(Leak.class)).hasSize(1_000);
        assertThat(notes.last(Leak.class).getFirst().executor()).isEqualTo("500");
        assertThat(notes.leaks()).isEqualTo(1_500);
    }
}
