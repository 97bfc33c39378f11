// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.outcome.DeviceException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** What is remembered, and what is chosen by it. Needs no driver. */
class FindingCacheTest {
    private static final String KEY = "svm: Platform, Model, driver 1";

    @TempDir
    private Path folder;

    private static WayFinding takes(CopyWay way, long micros) {
        long nanos = micros * 1000;
        return WayFinding.right(
                way, new long[] {nanos, nanos, nanos, nanos, nanos, nanos, nanos, nanos});
    }

    private static CopyPlan all(CopyWay way, @Nullable CopyWay instead) {
        return new CopyPlan(List.of(new CopyPlan.Step(0, way)), instead);
    }

    private static WayFinding takes(
            CopyWay way, long oneMicros, long eightMicros, long mostMicros) {
        return WayFinding.right(
                way,
                LongStream.of(1, oneMicros, eightMicros, mostMicros)
                        .flatMap(micros -> LongStream.of(1000 * micros, 1000 * micros))
                        .toArray());
    }

    private static CopyFinding finding(WayFinding... ways) {
        return CopyFinding.of(List.of(ways));
    }

    private static CopyFinding some() {
        return finding(
                takes(CopyWay.STRAIGHT, 300),
                WayFinding.wrong(CopyWay.BLOCKING, "its process ended with exit code 139"),
                takes(CopyWay.STAGED, 100),
                WayFinding.wrong(CopyWay.WRAPPED, "a text\nof \t two lines"),
                takes(CopyWay.MAPPED, 200));
    }

    @Test
    void finding_isWhatAnotherProcessReads() {
        FindingCache cache = new FindingCache(folder.resolve("a/b"));
        cache.write(KEY, some());
        assertThat(cache.read(KEY).orElseThrow().words())
                .isEqualTo(some().words())
                .isEqualTo("staged 312.5 GiB/s in, 312.5 out, chosen: 3.0 times as fast as"
                        + " straight; straight 104.2 GiB/s in, 104.2 out; blocking not: its process"
                        + " ended with exit code 139; wrapped not: a text of two lines; mapped"
                        + " 156.3 GiB/s in, 156.3 out");
        assertThat(cache.read(KEY + "1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "highpage copies 3\n",
                "highpage copies 3\nKEY\nend\n",
                "highpage copies 2\nKEY\nWAYS\nend\n",
                "highpage copies 3\nother\nWAYS\nend\n",
                "highpage copies 3\nKEY\nWAYS\n",
                "highpage copies 3\nKEY\nWAYS\nend\nmore\n",
                "highpage copies 3\nKEY\nstraight right 1 1 1 1 1 1 1 1\n"
                        + "straight right 1 1 1 1 1 1 1 1\n"
                        + "staged right 1 1 1 1 1 1 1 1\nwrapped right 1 1 1 1 1 1 1 1\n"
                        + "mapped right 1 1 1 1 1 1 1 1\nend\n",
                "highpage copies 3\nKEY\nstraight right 1 1 1 1 1 1 1 0\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong x\nmapped wrong x\nend\n",
                "highpage copies 3\nKEY\nstraight right 1 1 1\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong x\nmapped wrong x\nend\n",
                "highpage copies 3\nKEY\nstraight perhaps x\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong\nmapped wrong x\nend\n",
            })
    void anythingElse_isNoFinding_andIsReplaced(String text) throws IOException {
        FindingCache cache = new FindingCache(folder);
        String ways = some().text(KEY)
                .lines()
                .skip(2)
                .limit(5)
                .reduce((a, b) -> a + "\n" + b)
                .get();
        Files.writeString(cache.file(KEY), text.replace("KEY", KEY).replace("WAYS", ways));
        assertThat(cache.read(KEY)).isEmpty();
        cache.write(KEY, some());
        assertThat(cache.read(KEY)).isPresent();
    }

    @Test
    void whatIsNoOrdinaryFile_isNotOpened() throws IOException {
        FindingCache cache = new FindingCache(folder);
        Path elsewhere = folder.resolve("elsewhere");
        Files.writeString(elsewhere, some().text(KEY));
        Files.createSymbolicLink(cache.file(KEY), elsewhere);
        assertThat(cache.read(KEY)).isEmpty();
        Files.delete(cache.file(KEY));
        Files.createDirectory(cache.file(KEY));
        assertThat(cache.read(KEY)).isEmpty();
        Files.delete(cache.file(KEY));
        Files.writeString(cache.file(KEY), some().text(KEY) + " ".repeat(9000));
        assertThat(cache.read(KEY)).isEmpty();
    }

    @Test
    void file_isInTheFolder_whateverADeviceIsCalled() {
        FindingCache cache = new FindingCache(folder);
        for (String name : List.of("../../x", "/etc/passwd", "a\0b", "x".repeat(10_000))) {
            assertThat(cache.file(name).normalize().getParent()).isEqualTo(folder);
        }
    }

    @Test
    void noFolder_isNoFailure() {
        for (FindingCache cache :
                List.of(new FindingCache(null), new FindingCache(Path.of("/proc/nothing/here")))) {
            cache.write(KEY, some());
            assertThat(cache.read(KEY)).isEmpty();
        }
    }

    @Test
    void place_isTheProgramsOrTheUsers() {
        assertThat(FindingCache.place("/a", "/b", "/c")).isEqualTo(Path.of("/a"));
        assertThat(FindingCache.place(null, "/b", "/c")).isEqualTo(Path.of("/b/highpage"));
        assertThat(FindingCache.place("", "b", "/c")).isEqualTo(Path.of("/c/.cache/highpage"));
        assertThat(FindingCache.place(null, null, "?")).isNull();
    }

    @Test
    void fastestThatIsRight_isTaken_andStraightUnlessAnotherIsFasterByAFifth() {
        assertThat(some().plan("x")).isEqualTo(all(CopyWay.STAGED, CopyWay.STRAIGHT));
        assertThat(finding(takes(CopyWay.STRAIGHT, 100), takes(CopyWay.BLOCKING, 85))
                        .plan("x"))
                .isEqualTo(all(CopyWay.STRAIGHT, CopyWay.STRAIGHT));
        assertThat(finding(
                                WayFinding.wrong(CopyWay.STRAIGHT, "x"),
                                takes(CopyWay.BLOCKING, 300),
                                takes(CopyWay.WRAPPED, 299))
                        .plan("x"))
                .isEqualTo(all(CopyWay.WRAPPED, CopyWay.BLOCKING));
        assertThat(finding(WayFinding.wrong(CopyWay.STRAIGHT, "x"), takes(CopyWay.STAGED, 1))
                        .plan("x"))
                .isEqualTo(all(CopyWay.STAGED, null));
        assertThat(CopyFinding.unknown("no process").plan("x"))
                .isEqualTo(CopyPlan.only(CopyWay.STRAIGHT));
        assertThatThrownBy(() ->
                        finding(WayFinding.wrong(CopyWay.STRAIGHT, "broken")).plan("x"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining(
                        "device x does not copy right in any way: straight not:" + " broken");
    }

    @Test
    void eachSize_hasAWayOfItsOwn_andThoseThatAreAlikeAreOneStep() {
        CopyFinding found = finding(
                takes(CopyWay.STRAIGHT, 100, 500, 4000),
                takes(CopyWay.BLOCKING, 100, 500, 4000),
                WayFinding.wrong(CopyWay.STAGED, "x"),
                WayFinding.wrong(CopyWay.WRAPPED, "x"),
                takes(CopyWay.MAPPED, 200, 600, 2000));
        assertThat(found.plan("x"))
                .isEqualTo(new CopyPlan(
                        List.of(
                                new CopyPlan.Step(0, CopyWay.STRAIGHT),
                                new CopyPlan.Step(32L << 20, CopyWay.MAPPED)),
                        CopyWay.STRAIGHT));
        assertThat(found.words())
                .isEqualTo("straight 15.6 GiB/s in, 15.6 out, chosen below 32 MiB: none is faster"
                        + " by a fifth; mapped 15.6 GiB/s in, 15.6 out, chosen from 32 MiB: 2.0"
                        + " times as fast as straight; blocking 7.8 GiB/s in, 7.8 out; staged not:"
                        + " x; wrapped not: x");
        assertThat(finding(
                                takes(CopyWay.STRAIGHT, 100, 500, 4000),
                                takes(CopyWay.STAGED, 70, 300, 2100),
                                takes(CopyWay.WRAPPED, 65, 320, 2000),
                                takes(CopyWay.MAPPED, 200, 600, 1500))
                        .plan("x")
                        .steps())
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.WRAPPED),
                        new CopyPlan.Step(32L << 20, CopyWay.MAPPED));
    }

    @Test
    void copiesThatAreShorterThanAnyMeasured_areNotMapped_whereAnotherWayIsRight() {
        assertThat(finding(takes(CopyWay.STRAIGHT, 300), takes(CopyWay.MAPPED, 100))
                        .plan("x")
                        .steps())
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.STRAIGHT),
                        new CopyPlan.Step(1L << 20, CopyWay.MAPPED));
        assertThat(finding(WayFinding.wrong(CopyWay.STRAIGHT, "x"), takes(CopyWay.MAPPED, 100))
                        .plan("x")
                        .steps())
                .containsExactly(new CopyPlan.Step(1L << 20, CopyWay.MAPPED));
    }
}
