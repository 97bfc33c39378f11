// SPDX-License-Identifier: Apache-2.0

import io.highpage.jmh.HighpageProfiler;

import org.openjdk.jmh.profile.ProfilerException;

/**
 * {@code -prof highpage}: JMH finds a profiler that is not its own by the name of its class, so the
 * short name is a class in no package. It is {@link HighpageProfiler}.
 */
public final class highpage extends HighpageProfiler {
    /**
     * Made by JMH.
     *
     * @throws ProfilerException if JMH is too old
     */
    public highpage() throws ProfilerException {}
}
