// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static io.highpage.internal.core.ModelRun.Little.AT_HOME;
import static io.highpage.internal.core.ModelRun.Little.NOWHERE;
import static io.highpage.internal.core.ModelRun.Little.ON_DEVICES;

import io.highpage.device.DeviceKind;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random operations and misuse by one thread, see {@link ModelRun}; for one seed in three the
 * devices have room for a part of the pages only, for one in six the host. A failure names its seed
 * and the operations that led to it; the seed alone gives the same operations again.
 */
@Tag("soak")
class RandomModelTest {
    private static final int SEEDS = 12_500;

    @RegisterExtension
    final AtRest rest = AtRest.unchecked();

    @ParameterizedTest
    @EnumSource
    void operations_atRandom_matchTheModel(DeviceKind kind) throws Exception {
        PageRuntime ample = ModelRun.open(rest, kind);
        PageRuntime scarce = ModelRun.openScarce(rest, kind);
        try (Outside outside = new Outside(rest, ample);
                Outside outsideScarce = new Outside(rest, scarce)) {
            new Soak("model on " + kind).run(SEEDS, seed -> {
                Choices choices = Choices.ofSeed(seed);
                switch (choices.below(6)) {
                    case 0, 1 -> new ModelRun(scarce, outsideScarce, choices, ON_DEVICES).all();
                    case 2 -> new ModelRun(ample, outside, choices, AT_HOME).all();
                    default -> new ModelRun(ample, outside, choices, NOWHERE).all();
                }
                return choices.taken();
            });
        }
    }
}
