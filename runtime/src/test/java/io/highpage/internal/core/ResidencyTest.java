// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Device;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.ResidencyMap;
import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.page.PageWord;
import io.highpage.outcome.Residency;
import io.highpage.testkit.faults.FaultyDevice;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class ResidencyTest {
    private static final Set<Residency> ON_DEVICES =
            EnumSet.of(Residency.DEVICE, Residency.MOVING, Residency.LOST);

    @RegisterExtension
    final AtRest rest = new AtRest();

    private static void prefetch(PageBuffer buffer, Device device, long page) {
        assertThat(buffer.range(page * buffer.pageBytes(), 1).prefetch(device).complete())
                .isTrue();
    }

    @Test
    void manyPagesAreToldInRuns() {
        PagePlaces places = new PagePlaces(0, 9000, List.of());
        for (int i = 5000; i < 8000; i++) {
            places.put(i, Residency.HOST, 0);
        }
        assertThat(places).hasToString("5000. 3000H 1000.");
        PagePlaces mixed = new PagePlaces(0, 1 << 20, List.of());
        for (int i = 0; i < 1 << 20; i += 2) {
            mixed.put(i, Residency.HOST, 0);
        }
        assertThat(mixed.toString())
                .startsWith("1H 1. 1H 1. ")
                .endsWith(" and " + ((1 << 20) - 1366) + " more");
    }

    @Test
    void residency_namesTheDeviceOfEachPage_ofLostOnesToo() {
        Rig rig = rest.open(Scene.device(DeviceKind.COHERENT), Scene.device(DeviceKind.PRIVATE));
        List<Device> devices = rig.runtime().devices();
        PageBuffer buffer = rig.runtime().allocate(5L * Scene.PAGE, Scene.PAGE);
        buffer.range(0, 1).fill((byte) 1);
        prefetch(buffer, devices.get(0), 1);
        prefetch(buffer, devices.get(1), 2);
        prefetch(buffer, devices.get(0), 4);
        ResidencyMap map = buffer.range(Scene.PAGE, 4L * Scene.PAGE).residency();
        assertThat(map).hasToString("DD.D");
        assertThat(buffer.residency().device(0)).isEmpty();
        assertThat(map.device(1)).containsSame(devices.get(0));
        assertThat(map.device(2)).containsSame(devices.get(1));
        assertThat(map.device(3)).isEmpty();
        assertThat(map.device(4)).containsSame(devices.get(0));
        assertThatThrownBy(() -> map.device(0)).isInstanceOf(IndexOutOfBoundsException.class);
        try (Hold hold = buffer.range(0, 2).hold()) {
            Hold.Pieces pieces = hold.pieces();
            assertThat(pieces.next()).isTrue();
            assertThat(pieces.device()).isEmpty();
        }
        try (Hold hold = buffer.range(Scene.PAGE, 1).hold()) {
            Hold.Pieces pieces = hold.pieces();
            assertThat(pieces.next()).isTrue();
            assertThat(pieces.device()).containsSame(devices.get(0));
        }

        FaultyDevice gone = rig.devices().get(1);
        rig.faults().lose(gone);
        assertThat(buffer.range(2L * Scene.PAGE, 1).evict().failure()).isPresent();
        assertThat(buffer.residency()).hasToString("HDx.D");
        assertThat(buffer.residency().device(2)).containsSame(devices.get(1));
        assertThat(map).as("a snapshot").hasToString("DD.D");
    }

    @Test
    void everyResidency_withEveryDevice_isToldAsItWasPut() {
        Device device = rest.open(Scene.device(DeviceKind.COHERENT)).runtime().device();
        for (int number = 0; number <= PageWord.DEVICES_MAX; number++) {
            List<Device> devices = new ArrayList<>(Collections.nCopies(PageWord.DEVICES_MAX, null));
            if (number > 0) {
                devices.set(number - 1, device);
            }
            for (Residency residency : Residency.values()) {
                PagePlaces places = new PagePlaces(7, 2, devices);
                places.put(1, residency, number);
                boolean told = number > 0 && ON_DEVICES.contains(residency);
                assertThat(places.of(7)).isEqualTo(Residency.ABSENT);
                assertThat(places.of(8)).isEqualTo(residency);
                assertThat(places.device(8))
                        .isEqualTo(told ? Optional.of(device) : Optional.empty());
                assertThat(places.count(residency))
                        .isEqualTo(residency == Residency.ABSENT ? 2 : 1);
                assertThat(places.picture(2)).isEqualTo("." + residency.letter());
            }
        }
    }
}
