// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import io.highpage.cli.recording.Recorded;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What had begun and not ended when the part of a recording that is shown begins: buffers, pins and
 * accesses.
 */
final class Before {
    /** A holder; or, without one, the buffer. */
    private record Key(
            String runtime, long buffer, @Nullable Held held) {}

    private final Map<Key, List<Recorded>> begun = new LinkedHashMap<>();

    /** Takes what happened before. */
    void add(Recorded recorded) {
        switch (recorded) {
            case Recorded.BufferAllocation it -> begins(it, it.buffer(), null);
            case Recorded.Pin it -> begins(it, it.buffer(), Held.of(it));
            case Recorded.Access it -> begins(it, it.buffer(), Held.of(it));
            case Recorded.Unpin it -> ends(it, it.buffer(), Held.of(it));
            case Recorded.AccessEnd it -> ends(it, it.buffer(), Held.of(it));
            case Recorded.BufferClose it ->
                begun.keySet()
                        .removeIf(key ->
                                key.buffer() == it.buffer() && key.runtime().equals(it.runtime()));
            default -> {}
        }
    }

    private void begins(Recorded recorded, long buffer, @Nullable Held held) {
        begun.computeIfAbsent(new Key(recorded.runtime(), buffer, held), none -> new ArrayList<>())
                .add(recorded);
    }

    private void ends(Recorded recorded, long buffer, Held held) {
        Key key = new Key(recorded.runtime(), buffer, held);
        List<Recorded> those = begun.get(key);
        if (those != null && those.size() > 1) {
            those.removeFirst();
        } else {
            begun.remove(key);
        }
    }

    /** {@return what is still open, buffers before their holders; it is forgotten here} */
    List<Recorded> take() {
        if (begun.isEmpty()) { // as for nearly every event that is shown
            return List.of();
        }
        List<Recorded> all = begun.values().stream().flatMap(List::stream).toList();
        begun.clear();
        return all;
    }
}
