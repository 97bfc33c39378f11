// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.cli.replay.ProgramStep.Kind;
import io.highpage.cli.replay.ProgramStep.Pages;
import io.highpage.cli.replay.ProgramStep.Result;
import io.highpage.cli.replay.ProgramStep.TakeTerms;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PageOutcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class ProgramTraceTest {
    private static final String HEADER = "PROGRAM version=1 name=r devices=1";
    private static final String DEVICE = "device 1 memory=- name=gpu";
    private static final String OPEN = "0 open buffer=1 bytes=8192 page=4096 span=8192";
    private static final List<String> NAMES =
            List.of("", "a", "two words", "100%", "a=b\n#", "\u00e9\ud83d\ude00", "+-_.*~'\"");

    /** {@return any trace that there could be} */
    private static ProgramTrace any(Random random) {
        List<ProgramTrace.DeviceOf> devices = IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> new ProgramTrace.DeviceOf(
                        name(random),
                        random.nextBoolean() ? Long.MAX_VALUE : random.nextInt() & 0xffff_ffffL))
                .toList();
        List<ProgramStep> steps = new ArrayList<>();
        List<Integer> taken = new ArrayList<>();
        long pages = 1 + random.nextInt(1000);
        steps.add(new ProgramStep.Open(7, pages * 4096 - random.nextInt(4096), 4096, 2 << 20));
        for (int slot = 0; slot < random.nextInt(200); slot++) {
            long page = random.nextLong(pages);
            Pages some = new Pages(7, page, 1 + random.nextLong(pages - page));
            int device = devices.isEmpty() ? 0 : random.nextInt(devices.size() + 1);
            switch (random.nextInt(4)) {
                case 0 -> steps.add(new ProgramStep.Write(some));
                case 1 ->
                    steps.add(new ProgramStep.Move(
                            some, device, random.nextInt(1000), random.nextBoolean()));
                case 2 -> {
                    ProgramStep.Take take = take(random, some, device, slot);
                    steps.add(take);
                    if (take.result().isGranted()) {
                        taken.add(slot);
                    }
                }
                default -> {
                    if (!taken.isEmpty()) {
                        steps.add(new ProgramStep.Release(taken.removeFirst()));
                    }
                }
            }
        }
        if (random.nextBoolean()) {
            steps.add(new ProgramStep.Close(7));
        }
        return new ProgramTrace(name(random), devices, steps);
    }

    private static ProgramStep.Take take(Random random, Pages pages, int device, int slot) {
        Kind kind = device > 0 ? Kind.ACCESS : random.nextBoolean() ? Kind.PIN : Kind.HOLD;
        PageOutcome[] outcomes = PageOutcome.values();
        Result result = random.nextBoolean()
                ? new Result(
                        "",
                        0,
                        random.nextBoolean()
                                ? OptionalLong.empty()
                                : OptionalLong.of(random.nextInt(100)),
                        random.nextBoolean())
                : new Result(
                        outcomes[random.nextInt(outcomes.length)].name(),
                        random.nextInt(100),
                        OptionalLong.empty(),
                        random.nextBoolean());
        AccessMode mode = AccessMode.values()[random.nextInt(3)];
        return new ProgramStep.Take(
                kind, pages, device, slot, new TakeTerms(mode, name(random)), result);
    }

    private static String name(Random random) {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    @Test
    void read_ofTheText_isTheTrace() {
        for (long seed = 0; seed < 500; seed++) {
            ProgramTrace trace = any(new Random(seed));
            ProgramTrace other = any(new Random(~seed));
            List<String> lines = Stream.concat(trace.lines(), other.lines()).toList();
            assertThat(lines).allMatch(line -> line.matches("[\\x20-\\x7e]+"));
            assertThat(TraceParser.read("any", lines))
                    .as("seed %s", seed)
                    .isEqualTo(new Traces(List.of(), List.of(trace, other)));
        }
    }

    @Test
    void read_ofBothKinds_hasBoth() {
        List<String> lines = List.of(
                "TRACE kind=coherent pages=1 seed=5 populated=0",
                "0 to_dev 0 1 snap=D",
                "END",
                "",
                HEADER,
                DEVICE,
                "# a remark",
                OPEN,
                "END");
        Traces traces = TraceParser.read("both", lines);
        assertThat(traces.kernel()).hasSize(1);
        assertThat(traces.programs()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "1 fly buffer=1 0 1",
                "2 to_sys buffer=1 0 1 moved=0",
                "1 to_sys buffer=2 0 1 moved=0",
                "1 to_sys buffer=1 0 3 moved=0",
                "1 to_sys buffer=1 0 0 moved=0",
                "1 to_sys buffer=1 0 1",
                "1 to_sys buffer=1 999999999999999999 1 moved=0",
                "1 to_dev buffer=1 0 1 moved=0",
                "1 to_dev buffer=1 0 1 device=2 moved=0",
                "1 to_dev buffer=1 0 1 device=0 moved=0",
                "1 release hold=0",
                "1 close buffer=2",
                "1 open buffer=1 bytes=8192 page=4096 span=8192",
                "1 open buffer=2 bytes=0 page=4096 span=8192",
                "1 open buffer=2 bytes=1 page=4095 span=8192",
                "1 open buffer=2 bytes=1 page=4096 span=0",
                "1 pin_long buffer=1 0 1 device=1 hold=0 mode=read owner= ret=0",
                "1 access buffer=1 0 1 hold=0 mode=read owner= ret=0",
                "1 get buffer=1 0 1 hold=0 mode=fast owner= ret=0",
                "1 get buffer=1 0 1 hold=0 mode=read owner=% ret=0",
                "1 get buffer=1 0 1 hold=0 mode=read owner= ret=WHY at=0",
                "1 get buffer=1 0 1 hold=9999999999 mode=read owner= ret=0",
                "1 get buffer=1 0 1 hold=0 mode=read owner= ret=0 snap=H",
                "TRACE kind=coherent pages=2 seed=5 populated=1"
            })
    void read_ofAMalformedStep_namesTheLine(String line) {
        assertThatThrownBy(
                        () -> TraceParser.read("cut", List.of(HEADER, DEVICE, OPEN, line, "END")))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageMatching("cut:4: expected .+, found .+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROGRAM ",
                "PROGRAM version=2 name=r devices=0",
                "PROGRAM version=1 name=r devices=100",
                "PROGRAM version=1 name=a b devices=0",
                "PROGRAM version=1 name=%zz devices=0",
                "PROGRAM version=1 name=r devices=1"
            })
    void read_ofAMalformedHeader_namesTheLine(String line) {
        assertThatThrownBy(() -> TraceParser.read("cut", List.of(line, "END")))
                .isInstanceOf(TraceFormatException.class)
                .hasMessageMatching("cut:\\d: expected .+, found .+");
    }

    @Test
    void read_ofASlotTakenTwice_isAnError() {
        String take = " get buffer=1 0 1 hold=3 mode=read owner= ret=0";
        List<String> lines = List.of(HEADER, DEVICE, OPEN, "1" + take, "2" + take, "END");
        assertThatThrownBy(() -> TraceParser.read("cut", lines))
                .hasMessage("cut:5: expected a slot that is free, found hold=3");
    }
}
