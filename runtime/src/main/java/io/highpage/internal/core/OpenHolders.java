// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Holders;
import io.highpage.internal.migrate.Pages;
import io.highpage.outcome.HolderInfo;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The open holders of a runtime in words, for whoever finds them in the way. Thread-safe. */
final class OpenHolders implements Holders {
    /** A message names so many holders; {@link io.highpage.Highpage#holders()} has all. */
    static final int NAMED_MAX = 20;

    private final HolderSlots slots;

    OpenHolders(HolderSlots slots) {
        this.slots = slots;
    }

    @Override
    public boolean ownHolder(Pages pages, long page) {
        return slots.ownHolder(pages, page);
    }

    @Override
    public String named(Pages pages, long page) {
        return named(which(holder -> holder.buffer() == pages.bufferId()
                && pages.touches(holder.offset(), holder.byteSize(), page)));
    }

    @Override
    public String named() {
        return named(slots.infos());
    }

    /** {@return those of one kind} */
    List<HolderInfo> ofKind(String kind) {
        return which(holder -> holder.kind().equals(kind));
    }

    /** {@return what keeps a buffer from being closed} */
    String inTheWayOf(ManagedBuffer buffer) {
        return inTheWay(which(holder -> holder.buffer() == buffer.id()));
    }

    /** {@return what keeps a buffer of the runtime from being closed} */
    String inTheWayOfAny() {
        return inTheWay(slots.infos());
    }

    private List<HolderInfo> which(Predicate<HolderInfo> which) {
        return slots.infos().stream().filter(which).toList();
    }

    private static String inTheWay(List<HolderInfo> open) {
        return open.isEmpty()
                ? "a page is moving, memory of a device is being taken for it, or it is kept by"
                        + " a bare pin or by a read"
                        + " or write that is under way"
                : open.size() + " open: " + named(open);
    }

    private static String named(List<HolderInfo> open) {
        String more = open.size() > NAMED_MAX ? "; and " + (open.size() - NAMED_MAX) + " more" : "";
        return open.stream()
                .limit(NAMED_MAX)
                .map(HolderInfo::toString)
                .collect(Collectors.joining("; ", "", more));
    }
}
