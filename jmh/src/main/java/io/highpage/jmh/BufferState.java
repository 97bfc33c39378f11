// SPDX-License-Identifier: Apache-2.0
package io.highpage.jmh;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.device.Devices;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A runtime with one buffer on one device, all of it chosen by parameters: {@code -p
 * device=opencl:0 -p pageBytes=4096,2097152 -p start=HOME,DEVICE}. Its pages are put back to where
 * {@link #start} says by one of two states, {@link EachIteration} and {@link EachInvocation}, and
 * what that moves is neither timed nor told by {@link HighpageProfiler}.
 *
 * <p>JMH makes it, and one for each thread. A subclass of one of the two that is annotated with
 * {@code @State(Scope.Benchmark)} is one for all; with putting back at each invocation it must have
 * one thread only, or pages move under the others' operations.
 */
@State(Scope.Thread)
public abstract sealed class BufferState
        permits BufferState.EachIteration, BufferState.EachInvocation {
    /** The device, as {@code highpage devices} names it. */
    @Param("host")
    public String device = "host";

    /** The size of a page in bytes: a power of two from the system's to 1 GiB. */
    @Param("4096")
    public long pageBytes = 4096;

    /** The size of the buffer in bytes, at least 1. */
    @Param("1048576")
    public long bufferBytes = 1 << 20;

    /** Where the pages are at the start. */
    @Param("HOME")
    public Start start = Start.HOME;

    /** The runtime, from the set-up of the trial on. */
    @SuppressWarnings("NullAway.Init") // by open()
    public Highpage highpage;

    /** The buffer; another one after each putting back if {@link #start} is {@code ABSENT}. */
    @SuppressWarnings("NullAway.Init") // by open()
    public PageBuffer buffer;

    @SuppressWarnings("NullAway.Init") // by open()
    private Measured measured;

    /** Called by JMH. */
    BufferState() {}

    /** Opens the runtime and writes the buffer once, so that its home has memory. For JMH. */
    @Setup(Level.Trial)
    public void open() {
        highpage = Highpage.builder().device(Devices.named(device).open()).open();
        measured = Measured.of(highpage);
        measured.apart(() -> {
            buffer = highpage.allocate(bufferBytes, pageBytes);
            buffer.fill((byte) 1);
        });
    }

    /** Closes the runtime. For JMH. */
    @TearDown(Level.Trial)
    public void close() {
        measured.close();
        highpage.close();
    }

    /** Puts the pages back, in a set-up. */
    final void putBack() {
        measured.apart(() -> buffer = start.putBackAll(highpage, buffer));
    }

    /**
     * Pages are put back before each iteration: only the first operation of an iteration meets them
     * there. For operations that leave pages where they found them, such as a round trip.
     */
    @State(Scope.Thread)
    public static non-sealed class EachIteration extends BufferState {
        /** Made by JMH. */
        public EachIteration() {}

        /** Puts the pages back. For JMH. */
        @Setup(Level.Iteration)
        public void putPagesBack() {
            putBack();
        }
    }

    /**
     * Pages are put back before each invocation, so that each meets them there. JMH then takes the
     * time of each invocation by itself: for operations of some microseconds and more.
     */
    @State(Scope.Thread)
    public static non-sealed class EachInvocation extends BufferState {
        /** Made by JMH. */
        public EachInvocation() {}

        /** Puts the pages back. For JMH. */
        @Setup(Level.Invocation)
        public void putPagesBack() {
            putBack();
        }
    }
}
