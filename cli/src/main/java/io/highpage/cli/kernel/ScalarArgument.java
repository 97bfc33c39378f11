// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.cli.console.Units;
import io.highpage.opencl.KernelArgument;
import io.highpage.pipe.KernelParameter;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel argument that is a number, or memory of each group of work-items.
 *
 * @param type the OpenCL C type
 * @param value as the user wrote it
 * @param bytes the number as a kernel takes it
 * @param localBytes of the memory, 0 of a number
 */
public record ScalarArgument(String type, String value, byte[] bytes, long localBytes) {
    private static final String LOCAL = "local";

    /** Bits of the integer types; a negative number marks the unsigned ones. */
    private static final Map<String, Integer> INTEGERS = Map.of(
            "char", 8, "uchar", -8, "short", 16, "ushort", -16, "int", 32, "uint", -32, "long", 64,
            "ulong", -64);

    // Java's own parsers take more: signs in the middle, digits of other scripts, '1f', hexadecimal
    // floats.
    private static final Pattern INTEGER = Pattern.compile("(-?)(?:0[xX]([0-9a-fA-F]+)|([0-9]+))");
    private static final Pattern FLOATING = Pattern.compile(
            "-?(?:(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity)|NaN");

    /** The types that can be given, in words. */
    public static final String TYPES =
            "char, uchar, short, ushort, int, uint, long, ulong, float or double";

    /** A local memory argument beyond this is of no device, and more than some drivers check. */
    private static final long LOCAL_MAX = 1L << 30;

    /**
     * {@return the argument of a text such as {@code float:0.5} or {@code uint:0xff}}
     *
     * @param text a type, a colon and a value
     * @throws IllegalArgumentException if there is no such type, or the value is none of that type
     */
    public static ScalarArgument parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not TYPE:VALUE, such as float:0.5");
        }
        String type = text.substring(0, colon);
        String value = text.substring(colon + 1);
        if (type.equals(LOCAL)) {
            return new ScalarArgument(type, value, new byte[0], localBytes(value));
        }
        try {
            return new ScalarArgument(type, value, bytes(type, value), 0);
        } catch (NumberFormatException notOne) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not a number of type " + type, notOne);
        }
    }

    private static long localBytes(String value) {
        long bytes = Units.parseBytes(value);
        if (bytes < 1 || bytes > LOCAL_MAX) {
            throw new IllegalArgumentException("'" + value
                    + "' is no size of local memory: it goes from 1 byte to "
                    + Units.bytes(LOCAL_MAX));
        }
        return bytes;
    }

    /**
     * {@return whether a kernel's parameter can be given this}
     *
     * @param parameter the parameter
     */
    public boolean fits(KernelParameter parameter) {
        if (localBytes > 0 || parameter.isLocal()) {
            return localBytes > 0 && parameter.isLocal();
        }
        String wanted = parameter.type().replace("unsigned ", "u").replace("signed ", "");
        return wanted.isEmpty() || wanted.equals(type); // empty where the driver does not tell
    }

    /** {@return as a kernel is given it} */
    public Object asArgument() {
        return localBytes > 0 ? KernelArgument.local(localBytes) : MemorySegment.ofArray(bytes);
    }

    /** {@return as the user wrote it} */
    @Override
    public String toString() {
        return type + ":" + value;
    }

    private static byte[] bytes(String type, String value) {
        return switch (type) {
            case "float" ->
                buffer(4)
                        .putFloat((float) finite(type, value, Float.parseFloat(floating(value))))
                        .array();
            case "double" ->
                buffer(8)
                        .putDouble(finite(type, value, Double.parseDouble(floating(value))))
                        .array();
            default -> integer(type, value);
        };
    }

    private static byte[] integer(String type, String value) {
        Integer kind = INTEGERS.get(type);
        if (kind == null) {
            throw new IllegalArgumentException(
                    "'" + type + "' is not a type that can be given: use " + TYPES);
        }
        int bits = Math.abs(kind);
        BigInteger number = number(value);
        BigInteger low =
                kind < 0 ? BigInteger.ZERO : BigInteger.ONE.shiftLeft(bits - 1).negate();
        BigInteger high =
                BigInteger.ONE.shiftLeft(kind < 0 ? bits : bits - 1).subtract(BigInteger.ONE);
        if (number.compareTo(low) < 0 || number.compareTo(high) > 0) {
            throw new IllegalArgumentException("'" + value + "' is out of range for type " + type
                    + ": it goes from " + low + " to " + high);
        }
        ByteBuffer all = buffer(8).putLong(number.longValue());
        byte[] bytes = new byte[bits / 8];
        all.get(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 8 - bytes.length, bytes);
        return bytes;
    }

    private static BigInteger number(String value) {
        Matcher parts = INTEGER.matcher(value);
        if (!parts.matches()) {
            throw new NumberFormatException(value);
        }
        BigInteger number = parts.group(2) == null
                ? new BigInteger(parts.group(3))
                : new BigInteger(parts.group(2), 16);
        return parts.group(1).isEmpty() ? number : number.negate();
    }

    private static String floating(String value) {
        if (!FLOATING.matcher(value).matches()) {
            throw new NumberFormatException(value);
        }
        return value;
    }

    private static double finite(String type, String value, double number) {
        if (Double.isInfinite(number) && !value.endsWith("Infinity")) {
            throw new IllegalArgumentException("'" + value + "' is out of range for type " + type
                    + "; Infinity can be given as such");
        }
        return number;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }
}
