// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.PageRange;
import io.highpage.Pin;
import io.highpage.host.HostDevice;
import io.highpage.testkit.JavaProcess;

import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program leaves the recorder alone until somebody uses it, and notices that. */
class LateRecordingTest {
    /** Pins in place, before somebody records and then. */
    static final class Program {
        public static void main(String[] args) throws Exception {
            Path file = Files.createTempFile("events", ".jfr");
            try (Highpage hp = Highpage.builder()
                            .device(HostDevice.coherent(1 << 20))
                            .open();
                    PageBuffer buffer = hp.allocate(1 << 16)) {
                buffer.fill((byte) 1);
                buffer.prefetch(hp.device());
                PageRange range = buffer.range(0, 4096);
                pin(range, 10_000);
                System.out.println("in use before: " + FlightRecorder.isInitialized());
                try (Recording recording = new Recording()) {
                    recording.enable("io.highpage.Pin").withoutThreshold();
                    recording.start();
                    pin(range, 10_000);
                    recording.dump(file);
                }
                long pins = RecordingFile.readAllEvents(file).stream()
                        .filter(event -> event.getEventType().getName().equals("io.highpage.Pin"))
                        .count();
                System.out.println("most are recorded: " + (pins > 5000));
            } finally {
                Files.delete(file);
            }
        }

        private static void pin(PageRange range, int times) {
            for (int i = 0; i < times; i++) {
                range.pin(Pin.longTerm()).close();
            }
        }
    }

    @Test
    void programThatOnlyPinsInPlace_noticesThatSomebodyRecords() throws Exception {
        String said = JavaProcess.run(JavaProcess.of(List.of(), Program.class));

        assertThat(said).contains("in use before: false", "most are recorded: true");
    }
}
