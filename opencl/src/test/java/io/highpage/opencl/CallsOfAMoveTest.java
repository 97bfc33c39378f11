// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.internal.opencl.Cl;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.CopyWays;
import io.highpage.internal.opencl.FirstDevice;
import io.highpage.outcome.AccessMode;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * What the driver is called for. A program that moves bytes by itself enqueues and waits once for
 * each piece, in one blocking call, or maps it first; where both are the same driver's copies, more
 * calls would be all that tells them apart.
 */
@Tag("opencl")
class CallsOfAMoveTest {
    private static final long PAGE = 4096;

    /** Staged copies flush too, and mapped ones have a call that maps. */
    @RegisterExtension
    static final CopyWays STRAIGHT = new CopyWays(CopyWay.STRAIGHT);

    private final Map<String, Integer> calls = new TreeMap<>();

    private int count(String call) {
        calls.merge(call, 1, Integer::sum);
        return 0;
    }

    private int calls(String pattern) {
        return calls.entrySet().stream()
                .filter(call -> call.getKey().matches(pattern))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    @ParameterizedTest
    @CsvSource({
        "COARSE_GRAINED_SVM, 1, 1",
        "COARSE_GRAINED_SVM, 64, 1",
        "COARSE_GRAINED_SVM, 1, 16",
        "BUFFER, 1, 1",
        "BUFFER, 64, 1",
        "BUFFER, 1, 16"
    })
    void aMove_enqueuesAndWaitsOnceForEachRun(OpenClMemoryMode mode, int pages, int runs) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), "the driver has no " + mode);
        OpenClDevice device =
                OpenClDevice.open(Cl.open(this::count), "opencl:test", facts.device(), mode);
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer buffer = hp.allocate(2L * pages * runs * PAGE, PAGE)) {
            buffer.fill((byte) 1);
            List<PageRange> moving = every(buffer, 2 * pages * PAGE, 0, pages * PAGE);
            List<Pin> staying = every(buffer, 2 * pages * PAGE, pages * PAGE, pages * PAGE).stream()
                    .map(range -> range.pin(Pin.longTerm()))
                    .toList();
            dirty(hp, moving); // so the window is there
            moving.forEach(range -> range.pin(Pin.longTerm()).close());

            calls.clear();
            buffer.prefetch(hp.device());
            assertCopies("to the device", runs);

            dirty(hp, moving);
            staying.forEach(Pin::close);
            calls.clear();
            buffer.pin(Pin.longTerm()).close();
            assertCopies("home", runs);
        }
    }

    /** Where a device was opened by itself, and not over the program's queue. */
    @ParameterizedTest
    @EnumSource
    void anAccessWithoutWork_waitsForTheQueue_onlyIfSomebodyHasAskedForIt(OpenClMemoryMode mode) {
        ClDeviceFacts facts = FirstDevice.device();
        assumeTrue(mode.isSupported(facts.svm()), "the driver has no " + mode);
        OpenClDevice device =
                OpenClDevice.open(Cl.open(this::count), "opencl:test", facts.device(), mode);
        try (Highpage hp = Highpage.builder().device(device).open();
                PageBuffer buffer = hp.allocate(PAGE, PAGE)) {
            dirty(hp, List.of(buffer.range(0, PAGE)));
            assertThat(calls("clFinish")).as("%s", calls).isZero();

            assertThat(device.queue()).isNotNull();
            dirty(hp, List.of(buffer.range(0, PAGE)));
            dirty(hp, List.of(buffer.range(0, PAGE)));
            assertThat(calls("clFinish")).as("%s", calls).isEqualTo(2);
        }
        calls.clear();
        try (OpenClDevice theirs = OpenClDevice.open("opencl:test", facts.device(), mode);
                OpenClDevice over = OpenClDevice.of(
                        Cl.open(this::count),
                        theirs.context(),
                        facts.device(),
                        theirs.queue(),
                        mode)) {
            over.quiesce();
            assertThat(calls("clFinish")).as("%s", calls).isOne();
        }
    }

    private void assertCopies(String where, int runs) {
        assertThat(calls("clEnqueue.*")).as("%s: %s", where, calls).isEqualTo(runs);
        assertThat(calls("clWait.*|clFinish|clFlush"))
                .as("%s: %s", where, calls)
                .isEqualTo(runs);
    }

    private static void dirty(Highpage hp, List<PageRange> ranges) {
        ranges.forEach(range -> range.access(hp.device(), AccessMode.READ_WRITE).close());
    }

    private static List<PageRange> every(
            PageBuffer buffer, long stepBytes, long offset, long bytes) {
        return LongStream.range(0, buffer.byteSize() / stepBytes)
                .mapToObj(step -> buffer.range(step * stepBytes + offset, bytes))
                .toList();
    }
}
