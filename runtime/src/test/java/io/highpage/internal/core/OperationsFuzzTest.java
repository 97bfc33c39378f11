// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.highpage.device.DeviceKind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.EnumMap;
import java.util.Map;

/**
 * Operations and misuse spelled out as bytes, see {@link ModelRun}: the normal build runs the
 * committed corpus, with {@code JAZZER_FUZZ=1} in the environment a fuzzer looks for bytes that
 * reach new code.
 */
class OperationsFuzzTest {
    @RegisterExtension
    final AtRest rest = AtRest.unchecked();

    /**
     * Made once for all bytes of a fuzzing run, which go through this method one after the other.
     */
    private final Map<DeviceKind, Place> places = new EnumMap<>(DeviceKind.class);

    private record Place(PageRuntime runtime, Outside outside) {}

    @FuzzTest
    void operations_fromBytes_matchTheModel(byte[] bytes) {
        Choices choices = Choices.ofBytes(bytes);
        DeviceKind kind = DeviceKind.values()[choices.below(DeviceKind.values().length)];
        Place place = places.computeIfAbsent(kind, this::place);
        new ModelRun(place.runtime, place.outside, choices, ModelRun.Little.NOWHERE).all();
    }

    private Place place(DeviceKind kind) {
        PageRuntime runtime = ModelRun.open(rest, kind);
        return new Place(runtime, new Outside(rest, runtime));
    }

    @AfterEach
    void endThreads() {
        places.values().forEach(place -> place.outside.close());
    }
}
