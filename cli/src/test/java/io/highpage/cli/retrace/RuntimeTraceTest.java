// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.cli.console.UserError;
import io.highpage.cli.recording.Moment;
import io.highpage.cli.recording.Recorded;
import io.highpage.cli.replay.ProgramTrace;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.OptionalLong;

/** What becomes of events that are told in the order in which they ended. */
class RuntimeTraceTest {
    private final RuntimeTrace runtime = new RuntimeTrace("r", true);

    private static Moment at(long start, long nanos, String thread) {
        return new Moment(start, nanos, thread, "");
    }

    private void open(long at) {
        runtime.add(new Recorded.BufferAllocation(at(at, 1, "a"), "r", 1, 8192, 4096, 8192, "b"));
    }

    private void pin(Moment when, String owner) {
        runtime.add(new Recorded.Pin(when, "r", 1, 0, 4096, owner, "READ", "RUNTIME"));
    }

    private void unpin(Moment when, String owner, long held) {
        runtime.add(new Recorded.Unpin(when, "r", 1, 0, 4096, owner, "READ", held));
    }

    private void move(Moment when, String to, long moved) {
        runtime.add(new Recorded.Move(when, "r", 1, "any", to, 0, 2, moved, ""));
    }

    private List<String> steps() {
        return runtime.trace().lines().filter(line -> line.matches("\\d.*")).toList();
    }

    @Test
    void whatWaitedForAnotherThread_comesBehindWhatItWaitedFor() {
        open(0);
        pin(at(10, 1, "a"), "p");
        unpin(at(30, 0, "a"), "p", 20);
        move(at(20, 20, "b"), "gpu", 2); // began before the pin was closed, and could go on then
        assertThat(steps())
                .containsExactly(
                        "0 open buffer=1 bytes=8192 page=4096 span=8192",
                        "1 pin_long buffer=1 0 1 hold=0 mode=read owner=p ret=0 copied=0",
                        "2 release hold=0",
                        "3 to_dev buffer=1 0 2 device=1 moved=2");
        assertThat(runtime.notes()).noneMatch(note -> note.contains("not compared"));
    }

    @Test
    void threadsAtTheSamePages_areNotCompared() {
        open(0);
        move(at(10, 20, "a"), "gpu", 1);
        move(at(20, 20, "b"), "home", 1);
        move(at(50, 20, "b"), "gpu", 2);
        assertThat(steps())
                .containsExactly(
                        "0 open buffer=1 bytes=8192 page=4096 span=8192",
                        "1 to_dev buffer=1 0 2 device=1 moved=1 overlaps",
                        "2 to_sys buffer=1 0 2 moved=1 overlaps",
                        "3 to_dev buffer=1 0 2 device=1 moved=2");
        assertThat(runtime.notes()).anyMatch(note -> note.startsWith("r: 2 operations of several"));
    }

    @Test
    void aPinThatWasTooQuickToBeTold_isTakenWhenItsEndSays() {
        open(0);
        move(at(50, 1, "b"), "gpu", 1);
        unpin(at(100, 0, "a"), "p", 80);
        unpin(at(110, 0, "a"), "from before", 0);
        assertThat(steps())
                .containsExactly(
                        "0 open buffer=1 bytes=8192 page=4096 span=8192",
                        "1 pin_long buffer=1 0 1 hold=0 mode=read owner=p ret=0 copied=0",
                        "2 to_dev buffer=1 0 2 device=1 moved=1",
                        "3 release hold=0");
        assertThat(runtime.notes()).contains("r: 1 holders of which the begin was not recorded");
    }

    @Test
    void bytesThatAreCopiedToADevice_wereWrittenBefore() {
        open(0);
        for (int time = 10; time <= 30; time += 10) {
            boolean home = time == 20;
            runtime.add(new Recorded.Migration(
                    at(time + 1, 1, "a"),
                    "r",
                    1,
                    home ? "gpu" : "home",
                    home ? "home" : "gpu",
                    0,
                    2,
                    8192,
                    0,
                    1,
                    "any",
                    "driver",
                    0,
                    0,
                    ""));
            move(at(time, 5, "a"), home ? "home" : "gpu", 2);
        }
        assertThat(steps())
                .containsExactly(
                        "0 open buffer=1 bytes=8192 page=4096 span=8192",
                        "1 cpu_write buffer=1 0 2",
                        "2 to_dev buffer=1 0 2 device=1 moved=2",
                        "3 to_sys buffer=1 0 2 moved=2",
                        "4 to_dev buffer=1 0 2 device=1 moved=2");
    }

    @Test
    void whatABufferStillHasWhenItIsClosed_wasLetGo() {
        open(0);
        pin(at(10, 1, "a"), "never closed, as far as is known");
        runtime.add(new Recorded.BufferClose(at(20, 1, "a"), "r", 1, 8192));
        assertThat(steps()).endsWith("2 release hold=0", "3 close buffer=1");
    }

    @Test
    void whatIsNotKnown_isSaid() {
        move(at(10, 1, "a"), "gpu", 2); // of a buffer from before
        open(20);
        assertThat(steps()).hasSize(1);
        assertThat(runtime.notes())
                .anyMatch(note -> note.contains("allocated before the recording began"));
    }

    @Test
    void whatWasRefused_isAskedForAsItWas() {
        open(0);
        move(at(10, 1, "a"), "gpu", 2);
        runtime.add(new Recorded.Rejection(
                at(30, 0, "a"), "r", 1, "device access", 0, 1, "k", "WRITE", "two", 0, "PINNED"));
        runtime.add(new Recorded.Rejection(
                at(40, 0, "a"), "r", 1, "long-term pin", 0, 2, "p", "READ", "", 1, "ACCESSED"));
        assertThat(steps())
                .endsWith(
                        "2 access buffer=1 0 1 device=2 hold=0 mode=write owner=k ret=PINNED at=0",
                        "3 pin_long buffer=1 0 2 hold=1 mode=read owner=p ret=ACCESSED at=1");
    }

    @Test
    void theMemoryOfADevice_isItsWidestLimit() {
        open(0);
        for (long limit : new long[] {100, 300, 200}) {
            runtime.add(new Recorded.TierUsage(at(10, 0, ""), "r", "b" + limit, "gpu", 0, limit));
        }
        move(at(20, 1, "a"), "other", 2);
        assertThat(runtime.trace().devices())
                .containsExactly(
                        new ProgramTrace.DeviceOf("gpu", 300),
                        new ProgramTrace.DeviceOf("other", Long.MAX_VALUE));
    }

    @Test
    void accesses_needToBeThereAndMemoryToCompeteFor() {
        open(0);
        List<ProgramTrace> none = List.of(runtime.trace());
        assertThatThrownBy(() -> Accesses.text(none, OptionalLong.empty()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no device accesses");
        runtime.add(
                new Recorded.Access(at(9, 1, "a"), "r", 1, "gpu", 4096, 4096, "", "READ_WRITE"));
        List<ProgramTrace> one = List.of(runtime.trace());
        assertThatThrownBy(() -> Accesses.text(one, OptionalLong.empty()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("--device-memory");
        assertThat(Accesses.text(one, OptionalLong.of(9000)))
                .isEqualTo("highpage-accesses 1\nmemory 9000\nspans 1 8192\nmodify 0\n");
    }

    /** As of a later version, or where bytes of a file have changed. */
    @Test
    void modeThatNobodyKnows_isToldInWords() {
        open(0);
        assertThatThrownBy(() -> runtime.add(new Recorded.Pin(
                        at(10, 1, "a"), "r", 1, 0, 4096, "ring", "APPEND", "RUNTIME")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("'ring' has the mode 'APPEND'")
                .hasMessageContaining("READ_WRITE");
    }

    @Test
    void whatCannotHaveHappened_isToldInWords() {
        Moment now = at(10, 1, "a");
        for (long pageBytes : new long[] {0, -4096, 5000, Long.MIN_VALUE}) {
            refuses(new Recorded.BufferAllocation(now, "r", 2, 8192, pageBytes, 8192, "b"));
        }
        refuses(new Recorded.BufferAllocation(now, "r", 2, -8192, 4096, 8192, "b"));
        open(0);
        for (long beyond : new long[] {-1, 8193, Long.MAX_VALUE, Long.MIN_VALUE}) {
            refuses(new Recorded.Move(now, "r", 1, "evict", "home", beyond, 1, 1, ""));
            refuses(new Recorded.Move(now, "r", 1, "evict", "home", 1, beyond, 1, ""));
            refuses(new Recorded.Rejection(
                    now, "r", 1, "pin", 0, 2, "", "READ", "", beyond, "PINNED"));
            refuses(new Recorded.Access(now, "r", 1, "d", beyond, 0, "", "READ"));
            refuses(new Recorded.Unpin(now, "r", 1, 8192, beyond, "", "READ", 1));
        }
        pin(now, "p");
        assertThat(steps()).hasSize(2);
    }

    private void refuses(Recorded event) {
        assertThatThrownBy(() -> runtime.add(event))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cannot have happened: " + event)
                .hasMessageContaining("the recording is damaged");
    }
}
