// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.perfetto;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message in the wire form of Protocol Buffers, as much of it as a trace needs: numbers that are
 * not negative, text, and messages in messages. Fields are in the order in which they are put. To
 * be used again after {@link #clear}, since a trace has millions. Confined to one thread.
 */
final class ProtoMessage {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private byte[] bytes = new byte[256];
    private int length;

    /** Forgets all fields. {@return this} */
    ProtoMessage clear() {
        length = 0;
        return this;
    }

    /**
     * Puts a number.
     *
     * @param field the number of the field
     * @param value a 64-bit number; a negative one is what {@code int64} has for it
     * @return this
     */
    ProtoMessage put(int field, long value) {
        varint((long) field << 3 | VARINT);
        varint(value);
        return this;
    }

    /**
     * Puts text.
     *
     * @param field the number of the field
     * @param text any text
     * @return this
     */
    ProtoMessage put(int field, String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        delimited(field, encoded, encoded.length);
        return this;
    }

    /**
     * Puts a message as it is now.
     *
     * @param field the number of the field
     * @param inner another message than this
     * @return this
     */
    ProtoMessage put(int field, ProtoMessage inner) {
        delimited(field, inner.bytes, inner.length);
        return this;
    }

    /** Writes the fields. */
    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, length);
    }

    private void delimited(int field, byte[] source, int count) {
        varint((long) field << 3 | LENGTH_DELIMITED);
        varint(count);
        room(count);
        System.arraycopy(source, 0, bytes, length, count);
        length += count;
    }

    /** Seven bits a byte, the lowest first; all but the last have the highest bit. */
    private void varint(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
    }
}
