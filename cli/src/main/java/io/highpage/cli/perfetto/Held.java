// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import io.highpage.cli.recording.Recorded;

/** What tells holders of a buffer apart; those of which all this is equal need not be. */
record Held(String kind, long offset, long byteSize, String owner, String mode) {
    private static final String PIN = "pin";
    private static final String ACCESS = "access";

    static Held of(Recorded.Pin it) {
        return new Held(PIN, it.offset(), it.byteSize(), it.owner(), it.mode());
    }

    static Held of(Recorded.Unpin it) {
        return new Held(PIN, it.offset(), it.byteSize(), it.owner(), it.mode());
    }

    static Held of(Recorded.Access it) {
        return new Held(ACCESS, it.offset(), it.byteSize(), it.owner(), it.mode());
    }

    static Held of(Recorded.AccessEnd it) {
        return new Held(ACCESS, it.offset(), it.byteSize(), it.owner(), it.mode());
    }
}
