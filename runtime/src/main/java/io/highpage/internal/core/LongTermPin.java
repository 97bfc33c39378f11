// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Pin;
import io.highpage.Strength;
import io.highpage.Terms;
import java.lang.foreign.MemorySegment;

/** A long-term pin. */
public final class LongTermPin extends RangeHolder implements Pin {
    private final MemorySegment segment;
    private final boolean whole;

    /** Wraps counts that have been taken. {@code whole}: by the buffer word, else by the page words. */
    LongTermPin(ManagedBuffer buffer, Terms terms, long offset, long byteSize, boolean whole) {
        super(buffer, terms, offset, byteSize);
        this.whole = whole;
        this.segment = scoped(buffer.windowAt(offset, byteSize));
    }

    @Override
    public MemorySegment segment() {
        checkOpen();
        return segment;
    }

    @Override
    public Strength strength() {
        return terms.strength();
    }

    @Override
    public boolean verify() {
        checkOpen();
        return buffer.isPinned(offset, byteSize, terms.strength());
    }

    @Override
    String kind() {
        return "pin";
    }

    @Override
    void releasePages() {
        buffer.unpin(offset, byteSize, whole, terms.strength());
    }
}
