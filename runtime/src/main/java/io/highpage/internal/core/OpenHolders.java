// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.internal.migrate.Holders;
import io.highpage.internal.migrate.Pages;
import io.highpage.internal.watch.Watch;
import io.highpage.outcome.HolderInfo;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The open holders of a runtime in words, for whoever finds them in the way. Thread-safe. */
final class OpenHolders implements Holders {
    /** A message names so many holders; {@link io.highpage.Highpage#holders()} has all. */
    static final int NAMED_MAX = 20;

    /** Kinds of those that keep memory at home for long. */
    private static final Set<String> PINS = Set.of(LongTermPin.KIND, HomeKeeping.KIND);

    private final HolderSlots slots;
    private final Collection<ManagedBuffer> buffers;

    OpenHolders(HolderSlots slots, Collection<ManagedBuffer> buffers) {
        this.slots = slots;
        this.buffers = buffers;
    }

    /** {@return those of pages, and those who keep the home of a buffer} */
    List<HolderInfo> all() {
        Stream<HolderInfo> homes = buffers.stream().flatMap(each -> each.homes().infos().stream());
        return Stream.concat(slots.infos().stream(), homes).toList();
    }

    @Override
    public boolean ownHolder(Pages pages, long page) {
        return slots.ownHolder(pages, page);
    }

    @Override
    public String named(Pages pages, long page) {
        return named(slots.infos().stream()
                .filter(holder -> holder.buffer() == pages.bufferId()
                        && pages.touches(holder.offset(), holder.byteSize(), page))
                .toList());
    }

    @Override
    public String named() {
        return named(all());
    }

    /** {@return those that keep memory at home for long} */
    List<HolderInfo> pins() {
        return which(holder -> PINS.contains(holder.kind()));
    }

    /** {@return how many there are of a buffer} */
    long countOf(ManagedBuffer buffer) {
        return which(holder -> holder.buffer() == buffer.id()).size();
    }

    /** {@return what keeps a buffer from being closed} */
    String inTheWayOf(ManagedBuffer buffer) {
        return inTheWay(which(holder -> holder.buffer() == buffer.id()));
    }

    /** {@return what keeps a buffer of the runtime from being closed} */
    String inTheWayOfAny() {
        return inTheWay(all());
    }

    private List<HolderInfo> which(Predicate<HolderInfo> which) {
        return all().stream().filter(which).toList();
    }

    private static String inTheWay(List<HolderInfo> open) {
        return open.isEmpty()
                ? "a page is moving, memory of a device is being taken for it, or it is kept by"
                        + " a bare pin or by a read"
                        + " or write that is under way"
                : open.size() + " open: " + named(open)
                        + (Watch.isOn()
                                ? ""
                                : " (-Dhighpage.trace.holders=true tells where each was taken, and"
                                        + " of what nobody has any more)");
    }

    private static String named(List<HolderInfo> open) {
        String more = open.size() > NAMED_MAX ? "; and " + (open.size() - NAMED_MAX) + " more" : "";
        return open.stream()
                .limit(NAMED_MAX)
                .map(HolderInfo::toString)
                .collect(Collectors.joining("; ", "", more));
    }
}
