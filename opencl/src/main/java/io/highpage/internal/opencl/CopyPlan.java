// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import org.jspecify.annotations.Nullable;

/**
 * How a device copies.
 *
 * @param way the way to take
 * @param instead a way that needs nothing but a call, for when there is no memory to stage in, and
 *     for what is too short to be mapped; null if none is known to be right on the device
 */
public record CopyPlan(CopyWay way, @Nullable CopyWay instead) {
    /** Takes one way, come what may. */
    public static CopyPlan only(CopyWay way) {
        return new CopyPlan(way, null);
    }

    Copying copying(ClContext context) {
        return switch (way) {
            case STRAIGHT -> DirectCopying.STRAIGHT;
            case BLOCKING -> DirectCopying.BLOCKING;
            case MAPPED -> new MappedCopying(inPlace(context));
            case STAGED, WRAPPED ->
                new StagedCopying(
                        new StagingPieces(context, way == CopyWay.WRAPPED), inPlace(context));
        };
    }

    private @Nullable Copying inPlace(ClContext context) {
        return instead == null ? null : only(instead).copying(context);
    }
}
