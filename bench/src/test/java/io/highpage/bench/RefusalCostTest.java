// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.Highpage;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.PinAttempt;
import io.highpage.host.HostDevice;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.PagesBusyException;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An exception costs the walk of the stack, which is more than all the rest of a refusal. */
class RefusalCostTest {
    private static final String THROWN = "jdk.JavaExceptionThrow";

    /** {@return the classes of the exceptions that this thread made meanwhile} */
    private static List<String> madeDuring(Runnable step) throws IOException {
        Path file = Files.createTempFile("highpage-made", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable(THROWN).with("throttle", "off");
            recording.start();
            step.run();
            recording.stop();
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals(THROWN))
                    .filter(event -> event.getThread() != null
                            && event.getThread().getJavaThreadId()
                                    == Thread.currentThread().threadId())
                    .map(event -> event.getClass("thrownClass").getName())
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void tryPin_ofBusyPages_makesNoException() throws IOException {
        try (Highpage hp = Highpage.builder()
                        .device(HostDevice.privateMemory(1 << 20))
                        .open();
                PageBuffer buffer = hp.allocate(1 << 16);
                DeviceAccess access = buffer.access(hp.device(), AccessMode.READ_WRITE)) {
            assertThat(access.isOpen()).isTrue();
            PinAttempt[] attempts = {buffer.tryPin(Pin.longTerm())}; // loads classes
            assertThat(madeDuring(() -> attempts[0] = buffer.range(0, 1).tryPin(Pin.longTerm())))
                    .isEmpty();
            assertThat(attempts[0])
                    .isInstanceOfSatisfying(
                            PinAttempt.Refused.class,
                            refused -> assertThat(refused.why().message())
                                    .contains("page 0 is accessed by a device"));
            assertThat(madeDuring(() -> assertThatThrownBy(attempts[0]::orElseThrow)
                            .isInstanceOf(PagesBusyException.class)))
                    .as("what is looked for would be found")
                    .contains(PagesBusyException.class.getName());
        }
    }
}
