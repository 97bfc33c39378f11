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
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** What is remembered, and what is chosen by it. Needs no driver. */
class FindingCacheTest {
    private static final String KEY = "svm: Platform, Model, driver 1";

    @TempDir
    private Path folder;

    static WayFinding takes(CopyWay way, long micros) {
        return pages(way, 1000 * micros, 1000 * micros);
    }

    private static CopyPlan all(CopyWay way, @Nullable CopyWay instead) {
        return new CopyPlan(List.of(new CopyPlan.Step(0, way)), instead);
    }

    private static WayFinding takes(
            CopyWay way, long oneMicros, long eightMicros, long mostMicros) {
        return WayFinding.right(
                way,
                LongStream.of(1, oneMicros, oneMicros, eightMicros, 2 * eightMicros, mostMicros)
                        .flatMap(micros -> LongStream.of(1000 * micros, 1000 * micros))
                        .toArray());
    }

    private static CopyFinding finding(WayFinding... ways) {
        return CopyFinding.of(List.of(ways), 1, false);
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
                "highpage copies 8\n",
                "highpage copies 8\nKEY\nend\n",
                "highpage copies 2\nKEY\nmeasured 1 calm\nWAYS\nend\n",
                "highpage copies 8\nother\nmeasured 1 calm\nWAYS\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\nWAYS\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\nWAYS\nend\nmore\n",
                "highpage copies 8\nKEY\nmeasured 0 calm\nWAYS\nend\n",
                "highpage copies 8\nKEY\nmeasured 4 busy\nWAYS\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 \nWAYS\nend\n",
                "highpage copies 8\nKEY\nWAYS\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\nstraight right 1 1 1 1 1 1 1 1 1 1 1 1\n"
                        + "straight right 1 1 1 1 1 1 1 1 1 1 1 1\n"
                        + "staged right 1 1 1 1 1 1 1 1 1 1 1 1\n"
                        + "wrapped right 1 1 1 1 1 1 1 1 1 1 1 1\n"
                        + "mapped right 1 1 1 1 1 1 1 1 1 1 1 1\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\n"
                        + "straight right 1 1 1 1 1 1 1 1 1 1 1 0\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong x\nmapped wrong x\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\nstraight right 1 1 1\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong x\nmapped wrong x\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\nstraight perhaps x\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong\nmapped wrong x\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\n"
                        + "straight right 1 1 1 9223372036854775807\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong x\nmapped wrong x\nend\n",
                "highpage copies 8\nKEY\nmeasured 1 calm\nstraight wrong x\nblocking wrong x\n"
                        + "staged wrong x\nwrapped wrong x\nmapped wrong x\nend\n",
            })
    void anythingElse_isNoFinding_andIsReplaced(String text) throws IOException {
        FindingCache cache = new FindingCache(folder);
        String ways = some().text(KEY)
                .lines()
                .skip(3)
                .limit(5)
                .reduce((a, b) -> a + "\n" + b)
                .get();
        Files.writeString(cache.file(KEY), text.replace("KEY", KEY).replace("WAYS", ways));
        assertThat(cache.read(KEY)).isEmpty();
        cache.write(KEY, some());
        assertThat(cache.read(KEY)).isPresent();
    }

    @Test
    void whatWasMeasuredBesideBusyProcessors_isMeasuredAgain_butNotForEver() {
        FindingCache cache = new FindingCache(folder);
        CopyFinding busy = CopyFinding.of(some().ways(), 1, true);
        cache.write(KEY, busy);

        assertThat(cache.read(KEY).orElseThrow().isSettled()).isFalse();
        assertThat(busy.words()).endsWith("; beside busy processors, so it is measured again");
        assertThat(busy.and(busy).isSettled()).isFalse();
        assertThat(busy.and(busy).and(busy).isSettled()).isTrue();
        assertThat(busy.and(some()).isSettled()).isTrue();
        cache.write(KEY, busy.and(some()));
        assertThat(cache.read(KEY).orElseThrow().words()).isEqualTo(some().words());
    }

    @Test
    void whatIsMeasuredAgain_hasTheShortestTimes_andWaysThatWereRightEachTime() {
        CopyFinding first = finding(
                takes(CopyWay.STRAIGHT, 100, 500, 2000),
                takes(CopyWay.STAGED, 1, 1, 1),
                WayFinding.wrong(CopyWay.WRAPPED, "first"),
                takes(CopyWay.MAPPED, 200, 300, 1900));
        CopyFinding both = first.and(finding(
                takes(CopyWay.STRAIGHT, 110, 400, 2100),
                WayFinding.wrong(CopyWay.STAGED, "later"),
                takes(CopyWay.WRAPPED, 1, 1, 1),
                takes(CopyWay.MAPPED, 190, 400, 1000)));

        assertThat(both.ways().stream().map(WayFinding::line))
                .containsExactly(
                        takes(CopyWay.STRAIGHT, 100, 400, 2000).line(),
                        "staged wrong later",
                        "wrapped wrong first",
                        takes(CopyWay.MAPPED, 190, 300, 1000).line());
        CopyFinding twice = CopyFinding.of(first.ways(), 2, false);
        assertThat(first.and(CopyFinding.unknown("no process"))).isEqualTo(twice);
    }

    /** Also where nothing else was right then, or nothing could be tried. */
    @Test
    void wayThatIsWrongLater_isNotUsed() {
        WayFinding straight = takes(CopyWay.STRAIGHT, 100);
        WayFinding lies = WayFinding.wrong(CopyWay.STRAIGHT, "byte 1");
        WayFinding blocking = WayFinding.wrong(CopyWay.BLOCKING, "byte 1");
        WayFinding killed = WayFinding.lacking(CopyWay.STAGED, "killed");
        CopyFinding staged = finding(straight, takes(CopyWay.STAGED, 200));
        assertThat(staged.and(finding(lies, killed)).plan("x"))
                .isEqualTo(all(CopyWay.STAGED, null));
        assertThat(staged.and(finding(lies)).plan("x")).isEqualTo(all(CopyWay.STAGED, null));
        CopyFinding alone = finding(straight, blocking).and(finding(lies, blocking));
        assertThat(alone.isUsable()).isFalse();
        assertThat(alone.lacks()).isEmpty();
        CopyFinding mapped = finding(straight, takes(CopyWay.MAPPED, 10));
        assertThat(mapped.and(finding(
                                WayFinding.lacking(CopyWay.STRAIGHT, "no memory"),
                                WayFinding.wrong(CopyWay.MAPPED, "others")))
                        .plan("x"))
                .isEqualTo(all(CopyWay.STRAIGHT, CopyWay.STRAIGHT));
    }

    @Test
    void wayThatThereWasNoMemoryFor_isMeasuredAgain_andIsNotWrong() {
        WayFinding lacks = WayFinding.lacking(CopyWay.MAPPED, "no memory");
        WayFinding straight = takes(CopyWay.STRAIGHT, 100);
        CopyFinding first = finding(straight, lacks);

        assertThat(first.isSettled()).isFalse();
        assertThat(first.wrong()).isEmpty();
        assertThat(first.words())
                .endsWith("mapped not: no memory; not all could be tried, so it is measured again");
        assertThat(WayFinding.parse(lacks.line()).orElseThrow().line()).isEqualTo(lacks.line());
        assertThat(first.and(finding(straight, takes(CopyWay.MAPPED, 10))).plan("x"))
                .isEqualTo(all(CopyWay.MAPPED, CopyWay.STRAIGHT));
        assertThat(finding(takes(CopyWay.MAPPED, 10)).and(finding(lacks)).isUsable())
                .isTrue();
        assertThat(first.and(first).and(first).isSettled()).isTrue();
        assertThat(first.lacks()).isEmpty();
        assertThat(finding(WayFinding.lacking(CopyWay.STRAIGHT, "none")).lacks())
                .contains("none");
        assertThat(finding(WayFinding.wrong(CopyWay.STRAIGHT, "lost"), lacks).lacks())
                .isEmpty();
    }

    @Test
    void whatWasRightByTurnsOnly_isAsItWasFoundLast() {
        CopyFinding last =
                finding(WayFinding.wrong(CopyWay.STRAIGHT, "later"), takes(CopyWay.BLOCKING, 20));
        CopyFinding both = finding(
                        takes(CopyWay.STRAIGHT, 10), WayFinding.wrong(CopyWay.BLOCKING, "first"))
                .and(last);
        assertThat(both.plan("x")).isEqualTo(all(CopyWay.BLOCKING, CopyWay.BLOCKING));
    }

    @Test
    void waysOfWhichNotAllSizesWereMeasured_areComparedByThoseThatWere() {
        long[] four = new long[8];
        Arrays.fill(four, 60_000);
        CopyFinding found =
                finding(takes(CopyWay.STRAIGHT, 100), WayFinding.right(CopyWay.MAPPED, four));
        assertThat(found.plan("x").words())
                .isEqualTo("straight, from 64 KiB mapped (several: straight), from 8 MiB mapped");
    }

    /** As where a device, or its machine, was slow for the moment. */
    @Test
    void sizesThatWereNotMeasuredAtFirst_areThoseOfLater() {
        CopyFinding whole = finding(
                takes(CopyWay.STRAIGHT, 100, 2000, 8000), takes(CopyWay.STAGED, 110, 1000, 4000));
        CopyFinding cut = finding(
                WayFinding.right(CopyWay.STRAIGHT, new long[] {9, 9, 300_000, 300_000}),
                WayFinding.right(CopyWay.STAGED, new long[] {9, 9, 400_000, 400_000}));
        for (CopyFinding both : List.of(cut.and(whole), whole.and(cut))) {
            assertThat(both.plan("x")).isEqualTo(whole.plan("x"));
            assertThat(both.words()).isEqualTo(whole.words());
        }
    }

    /** Rates are compared, so they are of copies of one size. */
    @Test
    void words_areOfTheLongestCopiesThatAllWaysHaveMade() {
        CopyFinding some = finding(
                takes(CopyWay.STRAIGHT, 100, 2000, 8000),
                WayFinding.right(CopyWay.MAPPED, new long[] {9, 9, 200_000, 200_000}));
        assertThat(some.words())
                .isEqualTo("straight 0.6 GiB/s in, 0.6 out, chosen: none is clearly faster; mapped"
                        + " 0.3 GiB/s in, 0.3 out");
    }

    @Test
    void deviceThatWasNotMeasured_isCopiedStraight_unlessThatIsHowItLies() {
        WayFinding lacks = WayFinding.lacking(CopyWay.STRAIGHT, "killed");
        WayFinding mapped = WayFinding.wrong(CopyWay.MAPPED, "others");
        assertThat(finding(lacks, mapped).lacks()).contains("killed");
        assertThat(finding(lacks, WayFinding.wrong(CopyWay.BLOCKING, "byte 1"), mapped)
                        .lacks())
                .isEmpty();
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

    /** Whose letters a locale may not have. */
    @Test
    void key_isTheSame_whereItWasAnArgument() {
        String device = "svm: K\u00f6ln \u2713, +1%41 \"x\"\n";
        DeviceKey key = new DeviceKey(device, "");
        assertThat(key.argument()).matches("[!-~]+");
        assertThat(DeviceKey.ofArgument(key.argument()).device()).isEqualTo(device);
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
    void fastestThatIsRight_isTaken_andStraightUnlessAnotherIsClearlyFaster() {
        assertThat(some().plan("x")).isEqualTo(all(CopyWay.STAGED, CopyWay.STRAIGHT));
        assertThat(finding(takes(CopyWay.STRAIGHT, 100), takes(CopyWay.BLOCKING, 95))
                        .plan("x"))
                .isEqualTo(all(CopyWay.STRAIGHT, CopyWay.STRAIGHT));
        assertThat(plan(takes(CopyWay.STRAIGHT, 100), takes(CopyWay.BLOCKING, 85)))
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.STRAIGHT),
                        new CopyPlan.Step(8L << 20, CopyWay.BLOCKING));
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
                .isEqualTo("straight 15.6 GiB/s in, 15.6 out, chosen below 32 MiB: none is clearly"
                        + " faster; mapped 15.6 GiB/s in, 15.6 out, chosen from 32 MiB: 2.0"
                        + " times as fast as straight; blocking 7.8 GiB/s in, 7.8 out; staged not:"
                        + " x; wrapped not: x");
        assertThat(finding(
                                takes(CopyWay.STRAIGHT, 100, 500, 4000),
                                takes(CopyWay.STAGED, 70, 300, 2100),
                                takes(CopyWay.WRAPPED, 65, 310, 2000),
                                takes(CopyWay.MAPPED, 200, 600, 1500))
                        .plan("x")
                        .steps())
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.WRAPPED),
                        new CopyPlan.Step(32L << 20, CopyWay.MAPPED));
    }

    @Test
    void copiesOfPages_areMapped_whereThatIsTwiceAsFast() {
        assertThat(plan(pages(CopyWay.STRAIGHT, 100, 300), pages(CopyWay.MAPPED, 50, 100)))
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.MAPPED, CopyWay.STRAIGHT),
                        new CopyPlan.Step(64L << 10, CopyWay.MAPPED));
        assertThat(plan(pages(CopyWay.STRAIGHT, 100, 300), pages(CopyWay.MAPPED, 51, 100)))
                .containsExactly(
                        new CopyPlan.Step(0, CopyWay.STRAIGHT),
                        new CopyPlan.Step(64L << 10, CopyWay.MAPPED));
        assertThat(finding(pages(CopyWay.STRAIGHT, 100, 300), pages(CopyWay.MAPPED, 51, 100))
                        .words())
                .startsWith("mapped ")
                .contains(", chosen from 64 KiB: 3.0 times as fast as straight; straight ");
    }

    /** As drivers whose command costs, and drivers that copy pageable memory slowly. */
    @Test
    void severalShortRuns_goStraight_whereThatTakesNotMuchLonger() {
        assertThat(words(
                        takes(CopyWay.STRAIGHT, 100, 2000, 8000),
                        takes(CopyWay.MAPPED, 70, 1500, 6000)))
                .isEqualTo("straight, from 64 KiB mapped (several: straight), from 8 MiB mapped");
        assertThat(words(
                        takes(CopyWay.STRAIGHT, 100, 2000, 8000),
                        takes(CopyWay.MAPPED, 66, 1500, 6000)))
                .isEqualTo("straight, from 64 KiB mapped (several: straight), from 1 MiB mapped");
        assertThat(words(
                        takes(CopyWay.STRAIGHT, 5000, 40_000, 160_000),
                        takes(CopyWay.MAPPED, 450, 1500, 6000)))
                .isEqualTo("straight, from 64 KiB mapped");
        assertThat(words(
                        WayFinding.wrong(CopyWay.STRAIGHT, "x"),
                        takes(CopyWay.BLOCKING, 100, 2000, 8000)))
                .isEqualTo("blocking");
    }

    private static String words(WayFinding... ways) {
        return finding(ways).plan("x").words();
    }

    private static List<CopyPlan.Step> plan(WayFinding... ways) {
        return finding(ways).plan("x").steps();
    }

    /** {@return a way that takes so long for 4 KiB, and so long for all else} */
    private static WayFinding pages(CopyWay way, long page, long other) {
        long[] nanos = new long[2 * WayFinding.SIZES.length];
        Arrays.fill(nanos, other);
        Arrays.fill(nanos, 0, 2, page);
        return WayFinding.right(way, nanos);
    }

    @Test
    void mapping_thatIsTheOnlyRightWay_isForCopiesOfAllLengths() {
        assertThat(plan(WayFinding.wrong(CopyWay.STRAIGHT, "x"), takes(CopyWay.MAPPED, 100)))
                .containsExactly(new CopyPlan.Step(0, CopyWay.MAPPED));
    }
}
