// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.probe;

import io.highpage.internal.log.Log;
import io.highpage.internal.log.NumberSetting;
import io.highpage.internal.opencl.ClDeviceFacts;
import io.highpage.internal.opencl.CopyPlan;
import io.highpage.internal.opencl.CopyWay;
import io.highpage.internal.opencl.probe.ProbeProcess.Impossible;
import io.highpage.internal.opencl.probe.ProbeProcess.Said;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of how devices copy: in this process, in a file of one before, or found out now by
 * a process that may die of it. One thread finds out, and others that ask for the same device wait
 * for it. Thread-safe.
 */
public final class CopyFindings {
    /**
     * A process says something every second, on a machine or device that is very busy less often.
     */
    private static final Duration LIMIT =
            Duration.ofSeconds(NumberSetting.of("highpage.opencl.probe.seconds", 30));

    private static final Map<String, CompletableFuture<CopyFinding>> KNOWN =
            new ConcurrentHashMap<>();

    private CopyFindings() {}

    /**
     * {@return how a device is to copy: as the program's user asks for, else as is found to be
     * right and fastest}
     *
     * @param svm whether its memory is SVM, else a {@code cl_mem}
     * @throws IllegalArgumentException if the user asks for what there is not
     * @throws io.highpage.outcome.DeviceException if no way is right
     */
    public static CopyPlan plan(ClDeviceFacts facts, boolean svm) {
        return CopyWay.asked().map(CopyPlan::only).orElseGet(() -> measured(facts, svm));
    }

    /** {@return how a device is to copy as is found, whatever the program's user asks for} */
    public static CopyPlan measured(ClDeviceFacts facts, boolean svm) {
        return find(DeviceKey.of(facts, svm), LIMIT).plan(facts.description());
    }

    /** {@return what is known of a device, in words, without finding out} */
    public static String words(ClDeviceFacts facts, boolean svm) {
        Optional<CopyWay> asked;
        try {
            asked = CopyWay.asked();
        } catch (IllegalArgumentException wrong) { // which opening it refuses
            return String.valueOf(wrong.getMessage());
        }
        DeviceKey key = DeviceKey.of(facts, svm);
        CompletableFuture<CopyFinding> here = KNOWN.get(key.text());
        return asked.isPresent()
                ? asked.get().word() + ": asked for by -D" + CopyWay.PROPERTY
                        + (asked.get() == CopyWay.MAPPED
                                ? ", unless it changes what lies beside it"
                                : "")
                : Optional.ofNullable(here == null ? null : here.getNow(null))
                        .or(() -> FindingCache.here().read(key.text()))
                        .map(CopyFinding::words)
                        .orElse("not measured yet: that is done when it is first opened");
    }

    static CopyFinding find(DeviceKey key, Duration limit) {
        CompletableFuture<CopyFinding> mine = new CompletableFuture<>();
        CompletableFuture<CopyFinding> theirs = KNOWN.putIfAbsent(key.text(), mine);
        if (theirs != null) {
            return theirs.join();
        }
        CopyFinding found = CopyFinding.unknown("it could not be measured");
        try {
            found = readOrProbe(key, limit);
            return found;
        } finally {
            if (!found.isUsable() && found.unknown().isEmpty()) {
                KNOWN.remove(key.text()); // it is tried again
            }
            mine.complete(found);
        }
    }

    private static CopyFinding readOrProbe(DeviceKey key, Duration limit) {
        FindingCache cache = FindingCache.here();
        CopyFinding known = cache.read(key.text()).orElse(null);
        if (known != null && known.isSettled()) {
            return known;
        }
        CopyFinding found;
        try {
            found = probe(
                    ProbeProcess.ofThisJava(limit), key, known == null ? List.of() : known.wrong());
        } catch (Impossible why) {
            found = CopyFinding.unknown("not measured, since " + why.getMessage());
        }
        CopyFinding all = known == null ? found : known.and(found);
        found = all.lacks()
                .map(why -> CopyFinding.unknown("not measured, since " + why))
                .orElse(all);
        Log.debug(CopyFindings.class, key.text() + " copies " + found.words());
        if (found.isUsable()) {
            cache.write(key.text(), found);
        }
        return found;
    }

    /**
     * A way in which the process dies or hangs is left out, and another one goes on behind it.
     *
     * @param wrong what is known of ways that are not asked again
     */
    private static CopyFinding probe(ProbeProcess process, DeviceKey key, List<WayFinding> wrong)
            throws Impossible {
        Map<CopyWay, WayFinding> found = new EnumMap<>(CopyWay.class);
        wrong.forEach(way -> found.put(way.way(), way));
        List<CopyWay> left = new ArrayList<>(Arrays.asList(CopyWay.values()));
        left.removeAll(found.keySet());
        boolean together = true;
        while (!left.isEmpty()) {
            Said said = run(process, key, left, found);
            left.removeAll(found.keySet());
            if (left.isEmpty() && together && said.isWhole()) {
                return finding(found, said);
            }
            if (!left.isEmpty()) {
                together = false;
                CopyWay first = left.removeFirst();
                if (!said.lines().contains(CopyProbeMain.BEGINS + first.word())) {
                    throw new Impossible(said.end() + " before it had copied anything");
                }
                found.put(first, said.finding(first));
            }
        }
        return byTurns(process, key, found);
    }

    /**
     * Now that it is known which ways to leave out. If even so the process does not come to its
     * end, each of them is alone with one, which tells whose fault that is.
     */
    private static CopyFinding byTurns(
            ProbeProcess process, DeviceKey key, Map<CopyWay, WayFinding> found) throws Impossible {
        Said said = run(process, key, right(found.values()), found);
        if (!said.isWhole()) {
            for (CopyWay way : right(found.values())) {
                Said alone = run(process, key, List.of(way), found);
                if (!alone.isWhole() && right(found.values()).contains(way)) { // or it said why not
                    found.put(way, alone.finding(way));
                }
            }
        }
        return finding(found, said);
    }

    /** {@return what a process said, which was heard; nothing of none} */
    private static Said run(
            ProbeProcess process, DeviceKey key, List<CopyWay> ways, Map<CopyWay, WayFinding> found)
            throws Impossible {
        Said said = ways.isEmpty() ? Said.NOTHING : process.run(key, ways);
        said.lines().stream()
                .flatMap(line -> WayFinding.parse(line).stream())
                .forEach(way -> found.put(way.way(), way));
        return said;
    }

    private static CopyFinding finding(Map<CopyWay, WayFinding> found, Said last) {
        return CopyFinding.of(List.copyOf(found.values()), 1, !last.isCalm());
    }

    private static List<CopyWay> right(Collection<WayFinding> found) {
        return found.stream().filter(WayFinding::isRight).map(WayFinding::way).toList();
    }
}
