// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

/**
 * The ways to move bytes to an OpenCL device and back that Java programs have today. Confined to
 * one thread.
 */
interface Peer extends AutoCloseable {
    /** Shared virtual memory and the driver's copy. */
    void svmMemcpy();

    /** A {@code cl_mem}, written from and read into a direct buffer. */
    void writeAndRead();

    /** A {@code cl_mem}, mapped, with a copy by the CPU. */
    void mapAndCopy();

    /**
     * A {@code cl_mem} and a Java array, with a copy between the array and the program's direct
     * buffer.
     */
    void throughArray();

    @Override
    void close();
}
