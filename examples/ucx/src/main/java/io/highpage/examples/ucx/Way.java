// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ucx;

import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.Terms;
import io.highpage.ucx.UcxRegion;

import java.io.IOException;

/** How the bytes of a buffer get to UCX and back. */
enum Way {
    /** Pinned pages are what UCX sends and receives. */
    PINNED {
        @Override
        void send(PageBuffer buffer, Link link, Staging staging) throws IOException {
            try (Pin pin = buffer.pin(Pin.longTerm().owner("sender"));
                    UcxRegion region = UcxRegion.register(link.context(), pin, "sender")) {
                link.send(region.memory().getAddress(), region.memory().getLength());
            }
        }

        @Override
        void receive(PageBuffer buffer, Link link, Staging staging) throws IOException {
            Terms all = Pin.longTerm().owner("receiver").mode(AccessMode.WRITE);
            try (Pin pin = buffer.pin(all);
                    UcxRegion region = UcxRegion.register(link.context(), pin, "receiver")) {
                link.receive(region.memory().getAddress(), region.memory().getLength());
            }
        }
    },
    /** Copied to and from memory outside of Java's heap, as a direct ByteBuffer is. */
    STAGED {
        @Override
        void send(PageBuffer buffer, Link link, Staging staging) throws IOException {
            buffer.read(0, staging.direct());
            link.send(staging.direct().address(), buffer.byteSize());
        }

        @Override
        void receive(PageBuffer buffer, Link link, Staging staging) throws IOException {
            link.receive(staging.direct().address(), buffer.byteSize());
            buffer.write(0, staging.direct());
        }
    },
    /** Through an array, and from that through memory outside of the heap, which UCX needs. */
    ARRAY {
        @Override
        void send(PageBuffer buffer, Link link, Staging staging) throws IOException {
            buffer.read(0, staging.array());
            staging.direct().copyFrom(staging.array());
            link.send(staging.direct().address(), buffer.byteSize());
        }

        @Override
        void receive(PageBuffer buffer, Link link, Staging staging) throws IOException {
            link.receive(staging.direct().address(), buffer.byteSize());
            staging.array().copyFrom(staging.direct());
            buffer.write(0, staging.array());
        }
    };

    abstract void send(PageBuffer buffer, Link link, Staging staging) throws IOException;

    abstract void receive(PageBuffer buffer, Link link, Staging staging) throws IOException;

    /** {@return the way of a round: pinned, or all in turn} */
    static Way of(int round, boolean compare) {
        return compare ? values()[round % values().length] : PINNED;
    }
}
