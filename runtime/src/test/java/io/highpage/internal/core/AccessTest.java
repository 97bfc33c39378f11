// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.DeviceAccess;
import io.highpage.device.DeviceKind;
import io.highpage.device.DeviceView;
import io.highpage.device.Extent;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.DeviceException;
import io.highpage.testkit.faults.ForwardingDevice;
import io.highpage.testkit.faults.ForwardingExtent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

class AccessTest {
    @RegisterExtension
    final AtRest rest = new AtRest();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void close_withFailedWork_waitsForTheRestThenLetsGoAndReportsIt(boolean driver) {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "BHB");
        RuntimeException failure = driver
                ? new DeviceException("the kernel failed", null)
                : new IllegalArgumentException("not a driver's");
        List<String> waited = new ArrayList<>();
        DeviceAccess access = scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE);
        access.completesWith(() -> {
            waited.add("failing");
            throw failure;
        });
        access.completesWith(() -> waited.add("other"));

        assertThatThrownBy(access::close).isSameAs(failure);

        assertThat(waited).containsExactly("failing", "other");
        assertThat(access.isOpen()).isFalse();
        assertThat(scene.buffer.evict().complete()).isTrue();
        access.close();
        scene.checkBytes("after");
    }

    @Test
    void access_ofManyPagesOnAnotherDevice_movesThemInRunsNotOneByOne() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT), Scene.device(DeviceKind.COHERENT));
        Scene scene = Scene.of(rig.runtime(), "DDDDDDDDDDDDDDDD");
        int before = rig.faults().calls();

        scene.buffer.access(rig.runtime().devices().getLast(), AccessMode.READ).close();

        // Out, take a window, see it, in, see the range, wait for the queue.
        assertThat(rig.faults().calls() - before).isLessThan(10);
        scene.checkBytes("after");
    }

    @Test
    void close_whoseViewCannotBeGivenBack_isReportedAndLeavesNoHolder() {
        DeviceException failure = new DeviceException("the view stays", null);
        Rig rig = rest.open(new ForwardingDevice(Scene.device(DeviceKind.PRIVATE)) {
            @Override
            public Extent allocate(long byteSize) {
                return withViewsThatStay(super.allocate(byteSize), failure);
            }
        });
        Scene scene = Scene.of(rig.runtime(), "BHB");
        DeviceAccess access = scene.buffer.access(rig.runtime().device(), AccessMode.READ_WRITE);

        assertThatThrownBy(access::close).isSameAs(failure);

        assertThat(access.isOpen()).isFalse();
        assertThat(rig.runtime().holders()).isEmpty();
        assertThat(scene.buffer.evict().complete()).isTrue();
        scene.checkBytes("after");
    }

    private static Extent withViewsThatStay(Extent inner, DeviceException failure) {
        return new ForwardingExtent(inner) {
            @Override
            public DeviceView view(long offset, long byteSize) {
                return DeviceView.pointer(super.view(offset, byteSize).segment(), () -> {
                    throw failure;
                });
            }
        };
    }
}
