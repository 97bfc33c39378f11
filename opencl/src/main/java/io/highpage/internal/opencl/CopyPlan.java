// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How a device copies: no way is the fastest for copies of every length.
 *
 * @param steps the ways by the length of what is copied, shortest first; one at least, and the
 *     first is for all that is shorter, too
 * @param instead a way that needs nothing but a call, for when there is no memory to stage in; null
 *     if none is known to be right on the device
 */
public record CopyPlan(List<Step> steps, @Nullable CopyWay instead) {
    /**
     * The ways that copies of some length take.
     *
     * @param fromBytes the shortest run that is copied so
     * @param way the way of a single run
     * @param several the way of the runs of a call that has more
     */
    public record Step(long fromBytes, CopyWay way, CopyWay several) {
        /** One way for both. */
        public Step(long fromBytes, CopyWay way) {
            this(fromBytes, way, way);
        }

        /** {@return the shortest run in words, such as {@code 64 KiB}} */
        public String from() {
            return fromBytes < 1 << 20 ? (fromBytes >> 10) + " KiB" : (fromBytes >> 20) + " MiB";
        }
    }

    /** Makes a plan of steps that nobody changes. */
    public CopyPlan {
        steps = List.copyOf(steps);
    }

    /** Takes one way, come what may. */
    public static CopyPlan only(CopyWay way) {
        return new CopyPlan(List.of(new Step(0, way)), null);
    }

    /**
     * {@return the ways, such as {@code straight, from 1 MiB mapped (several: straight), from 8 MiB
     * mapped}}
     */
    public String words() {
        StringBuilder words = new StringBuilder();
        for (Step step : steps) {
            words.append(words.isEmpty() ? "" : ", from " + step.from() + " ")
                    .append(step.way().word())
                    .append(
                            step.several() == step.way()
                                    ? ""
                                    : " (several: " + step.several().word() + ")");
        }
        return words.toString();
    }

    boolean maps() {
        for (Step step : steps) {
            if (step.way() == CopyWay.MAPPED) {
                return true;
            }
        }
        return false;
    }

    /**
     * {@return the same where nothing may be mapped: longer copies go as shorter ones do; null if
     * no other way is known to be right}
     */
    @Nullable
    CopyPlan withoutMaps() {
        List<Step> left = new ArrayList<>(steps);
        left.removeIf(step -> step.way() == CopyWay.MAPPED);
        if (steps.getFirst().way() == CopyWay.MAPPED && instead != null) {
            left.addFirst(new Step(0, instead));
        }
        return left.isEmpty() ? null : new CopyPlan(left, instead);
    }

    /**
     * {@return the way for the runs of one call, which all go one way: most often they are about
     * alike}
     *
     * @param count how many runs
     * @param bytes their length on average
     */
    CopyWay way(int count, long bytes) {
        int last = steps.size() - 1;
        while (last > 0 && steps.get(last).fromBytes() > bytes) {
            last--;
        }
        Step step = steps.get(last);
        return count > 1 ? step.several() : step.way();
    }

    Copying copying(ClContext context) {
        Map<CopyWay, Copying> ways = new EnumMap<>(CopyWay.class);
        for (Step step : steps) {
            ways.computeIfAbsent(step.way(), way -> copying(context, way));
            ways.computeIfAbsent(step.several(), way -> copying(context, way));
        }
        return ways.size() == 1
                ? ways.values().iterator().next()
                : new PlannedCopying(this, Map.copyOf(ways));
    }

    private Copying copying(ClContext context, CopyWay way) {
        return switch (way) {
            case STRAIGHT -> DirectCopying.STRAIGHT;
            case BLOCKING -> DirectCopying.BLOCKING;
            case MAPPED -> MappedCopying.INSTANCE;
            case STAGED, WRAPPED ->
                new StagedCopying(
                        new StagingPieces(context, way == CopyWay.WRAPPED), inPlace(context));
        };
    }

    private @Nullable Copying inPlace(ClContext context) {
        return instead == null ? null : copying(context, instead);
    }
}
