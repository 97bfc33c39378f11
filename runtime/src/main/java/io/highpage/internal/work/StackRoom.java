// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.work;

/**
 * Looks for room on the calling thread's stack before anything is owned, so that a {@link StackOverflowError} comes there and
 * not between two steps that belong together, nor in what puts things back, which needs stack too.
 *
 * <p>The JVM looks for room when a method is entered: for as much as its frame takes when it is interpreted, also when it
 * is compiled and takes less, since compiled code may have to go back to the interpreter at any time.
 */
public final class StackRoom {
    // Not final: the compilers must not know how often the methods below call themselves.
    private static int callsShort = 1;
    private static int callsLong = 15;

    private StackRoom() {}

    /**
     * Looks for 8 KiB, three times what counting pages that are in place and putting them back takes in the interpreter. Costs
     * about a nanosecond in compiled code.
     *
     * @throws StackOverflowError if there is less
     */
    public static void check() {
        frame(callsShort);
    }

    /**
     * Looks for 24 KiB: for what moves pages, or calls drivers or the kernel. Costs half a microsecond.
     *
     * @throws StackOverflowError if there is less
     */
    public static void checkLong() {
        // spotless:off
        longFrame(callsLong, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        // spotless:on
    }

    // spotless:off
    /** Its frame has 4 KiB of variables in the interpreter. */
    @SuppressWarnings("unused")
    private static void frame(int calls) {
        long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1,
                c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, e0, e1, e2,
                e3, e4, e5, e6, e7, e8, e9, f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, g0, g1, g2, g3,
                g4, g5, g6, g7, g8, g9, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, i0, i1, i2, i3, i4,
                i5, i6, i7, i8, i9, j0, j1, j2, j3, j4, j5, j6, j7, j8, j9, k0, k1, k2, k3, k4, k5,
                k6, k7, k8, k9, l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, m0, m1, m2, m3, m4, m5, m6,
                m7, m8, m9, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, o0, o1, o2, o3, o4, o5, o6, o7,
                o8, o9, p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, q0, q1, q2, q3, q4, q5, q6, q7, q8,
                q9, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9,
                t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, u0, u1, u2, u3, u4, u5, u6, u7, u8, u9, v0,
                v1, v2, v3, v4, v5, v6, v7, v8, v9, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, x0, x1,
                x2, x3, x4, x5, x6, x7, x8, x9, y0, y1, y2, y3, y4, y5, y6, y7, y8, y9, z0, z1, z2,
                z3, z4, z5;
        if (calls > 0) {
            frame(calls - 1);
        }
    }

    /** Its arguments take 0.8 KiB of stack in compiled code too, and 1.6 KiB in the interpreter. */
    private static void longFrame(
            int calls,
            long a0, long a1, long a2, long a3, long a4, long a5, long a6, long a7, long a8,
            long a9, long b0, long b1, long b2, long b3, long b4, long b5, long b6, long b7,
            long b8, long b9, long c0, long c1, long c2, long c3, long c4, long c5, long c6,
            long c7, long c8, long c9, long d0, long d1, long d2, long d3, long d4, long d5,
            long d6, long d7, long d8, long d9, long e0, long e1, long e2, long e3, long e4,
            long e5, long e6, long e7, long e8, long e9, long f0, long f1, long f2, long f3,
            long f4, long f5, long f6, long f7, long f8, long f9, long g0, long g1, long g2,
            long g3, long g4, long g5, long g6, long g7, long g8, long g9, long h0, long h1,
            long h2, long h3, long h4, long h5, long h6, long h7, long h8, long h9, long i0,
            long i1, long i2, long i3, long i4, long i5, long i6, long i7, long i8, long i9,
            long j0, long j1, long j2, long j3, long j4, long j5, long j6, long j7, long j8,
            long j9) {
        if (calls > 0) {
            longFrame(calls - 1, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6,
                    b7, b8, b9, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6,
                    d7, d8, d9, e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, f0, f1, f2, f3, f4, f5, f6,
                    f7, f8, f9, g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, h0, h1, h2, h3, h4, h5, h6,
                    h7, h8, h9, i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, j0, j1, j2, j3, j4, j5, j6,
                    j7, j8, j9);
        }
    }
    // spotless:on
}
