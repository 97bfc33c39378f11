// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

import io.highpage.Device;
import io.highpage.DeviceAccess;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.outcome.AccessMode;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A place for a piece of the file, and for what is kept of it. One piece at a time: its stages
 * follow one another, by whatever threads.
 */
final class Slot {
    private final Device device;
    private final Filter filter;
    private final PageRange records;
    private final PageRange places;
    private final PageRange results;
    private final List<DeviceAccess> open = new ArrayList<>();

    Slot(Device device, Filter filter, PageRange records, PageRange places, PageRange results) {
        this.device = device;
        this.filter = filter;
        this.records = records;
        this.places = places;
        this.results = results;
    }

    /** {@return where the first bytes of the piece are} */
    PageRange records(long bytes) {
        return records.range(0, bytes);
    }

    /**
     * Takes the piece to the device, filters it there, and brings home what is kept and nothing
     * more. No thread waits for any of it.
     *
     * @param count how many records are there
     * @return a pin of what is kept, for whoever takes it to close; empty if nothing is
     */
    CompletableFuture<Optional<Pin>> filter(int count) {
        PageRange in = records((long) count * Records.BYTES);
        PageRange counts = places.range(0, Filter.placesBytes(count));
        PageRange out = results.range(0, in.byteSize());
        List<CompletableFuture<DeviceAccess>> coming = List.of(
                in.accessAsync(Pipeline.TERMS.mode(AccessMode.READ), device),
                counts.accessAsync(Pipeline.TERMS, device), // written, then read
                out.accessAsync(Pipeline.TERMS.mode(AccessMode.WRITE), device));
        return all(coming)
                .thenCompose(there -> {
                    coming.forEach(each -> open.add(each.join())); // this slot's from here on
                    filter.run(open.get(0), count, open.get(1), open.get(2));
                    return closeAll();
                })
                .exceptionallyCompose(failed -> {
                    coming.forEach(each -> each.cancel(false)); // those that nobody has
                    return closeAll()
                            .handle((closed, also) -> null)
                            .thenCompose(any -> CompletableFuture.failedFuture(failed));
                })
                .thenCompose(ended -> counts.pinAsync(Pipeline.TERMS.mode(AccessMode.READ)))
                .thenCompose(this::kept);
    }

    /** {@return completes when the kernels have ended and the pages are free} */
    private CompletableFuture<Void> closeAll() {
        List<CompletableFuture<Void>> closing =
                open.stream().map(DeviceAccess::closeAsync).toList();
        open.clear();
        return all(closing);
    }

    private static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> each) {
        return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Optional<Pin>> kept(Pin counts) {
        int count;
        try (counts) { // it is at home: nothing is waited for
            count = places.get(ValueLayout.JAVA_INT, counts.byteSize() - Integer.BYTES);
        }
        return count == 0
                ? CompletableFuture.completedFuture(Optional.empty())
                : results.range(0, (long) count * Records.BYTES)
                        .pinAsync(Pipeline.TERMS.mode(AccessMode.READ))
                        .thenApply(Optional::of);
    }
}
