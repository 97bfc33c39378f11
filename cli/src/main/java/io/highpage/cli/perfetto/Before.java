// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import io.highpage.cli.recording.Recorded;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What had begun and not ended when the part of a recording that is shown begins: buffers, pins and
 * accesses.
 */
final class Before {
    /** What tells them apart; those of which all this is equal need not be. */
    private record Key(
            String runtime,
            long buffer,
            String kind,
            long offset,
            long byteSize,
            String owner,
            String mode) {}

    private final Map<Key, List<Recorded>> begun = new LinkedHashMap<>();

    /** Takes what happened before. */
    void add(Recorded recorded) {
        switch (recorded) {
            case Recorded.BufferAllocation it ->
                begins(new Key(it.runtime(), it.buffer(), "buffer", 0, 0, "", ""), it);
            case Recorded.BufferClose it ->
                begun.keySet()
                        .removeIf(key ->
                                key.buffer() == it.buffer() && key.runtime().equals(it.runtime()));
            case Recorded.Pin it ->
                begins(
                        new Key(
                                it.runtime(),
                                it.buffer(),
                                "pin",
                                it.offset(),
                                it.byteSize(),
                                it.owner(),
                                it.mode()),
                        it);
            case Recorded.Unpin it ->
                ends(new Key(
                        it.runtime(),
                        it.buffer(),
                        "pin",
                        it.offset(),
                        it.byteSize(),
                        it.owner(),
                        it.mode()));
            case Recorded.Access it ->
                begins(
                        new Key(
                                it.runtime(),
                                it.buffer(),
                                "access",
                                it.offset(),
                                it.byteSize(),
                                it.owner(),
                                it.mode()),
                        it);
            case Recorded.AccessEnd it ->
                ends(new Key(
                        it.runtime(),
                        it.buffer(),
                        "access",
                        it.offset(),
                        it.byteSize(),
                        it.owner(),
                        it.mode()));
            default -> {}
        }
    }

    private void begins(Key key, Recorded recorded) {
        begun.computeIfAbsent(key, none -> new ArrayList<>()).add(recorded);
    }

    private void ends(Key key) {
        List<Recorded> those = begun.get(key);
        if (those != null && those.size() > 1) {
            those.removeFirst();
        } else {
            begun.remove(key);
        }
    }

    /** {@return what is still open, buffers before their holders; it is forgotten here} */
    List<Recorded> take() {
        List<Recorded> all = begun.values().stream().flatMap(List::stream).toList();
        begun.clear();
        return all;
    }
}
