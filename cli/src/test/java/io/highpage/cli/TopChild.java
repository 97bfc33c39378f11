// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.Highpage;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.outcome.DeviceTraffic;
import io.highpage.outcome.RuntimeStatistics;
import io.highpage.outcome.Terms;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.concurrent.CompletableFuture;

/** A program to look into: does what lines of its input say, and tells when it has. */
public final class TopChild {
    private TopChild() {}

    /** Ends with its input. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader steps = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("started");
        Highpage runtime = null;
        Pin pin = null;
        Hold other = null;
        PageBuffer buffer = null;
        for (String step = steps.readLine(); step != null; step = steps.readLine()) {
            switch (step) {
                case "open" -> {
                    runtime = Highpage.builder()
                            .device(HostDevice.privateMemory(64 << 20))
                            .open();
                    buffer = runtime.allocate(8 << 20);
                    buffer.fill((byte) 1);
                    pin = buffer.range(0, 4096).pin(Pin.longTerm().owner("receive ring"));
                }
                case "move" -> {
                    for (int i = 0; i < 10; i++) {
                        buffer.range(1 << 20, 1 << 20).prefetch(runtime.device());
                        buffer.range(1 << 20, 1 << 20).hold().close();
                    }
                    buffer.range(2 << 20, 2 << 20).prefetch(runtime.device());
                }
                case "byAThreadWithoutAName" -> {
                    PageBuffer of = buffer;
                    other = CompletableFuture.supplyAsync(
                                    () -> of.hold(Terms.defaults().shared()),
                                    work -> Thread.ofVirtual().start(work))
                            .join();
                }
                case "close" -> {
                    pin.close();
                    if (other != null) {
                        other.close();
                    }
                    runtime.close();
                }
                default -> throw new IllegalArgumentException(step);
            }
            System.out.println(told(runtime));
        }
    }

    private static String told(Highpage runtime) {
        RuntimeStatistics told = runtime.statistics();
        DeviceTraffic traffic = told.devices().get(runtime.device().name());
        return told.name() + " in " + traffic.bytesIn() + " out " + traffic.bytesOut() + " host "
                + told.budget().host().usedBytes() + " buffers " + told.openBuffers();
    }
}
