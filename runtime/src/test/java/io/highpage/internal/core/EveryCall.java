// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.device.DeviceKind;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.testkit.faults.Faults;
import io.highpage.testkit.faults.Faults.Call;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Runs an operation again and again, on several scenes, something happening at a later call of a
 * driver or of the kernel each time, until there is no such call.
 */
final class EveryCall {
    private static final String[] PICTURES = {
        "HD.DH.DD", "HHHHHHHH", "........", "DDDDDDDD", "H.H.HHH.", "BBBBBBBB", "DBHB.BDB"
    };

    /** Makes slabs of 8 pages, so that every scene asks the driver for memory. */
    private static final long LIMIT_BYTES = 16 * 8 * Scene.PAGE;

    /** Looks at what became of a scene, before it is checked to be at rest and closed. */
    interface Check {
        /** @param failure what the operation threw, or null */
        void after(Rig rig, Scene scene, String picture, RuntimeException failure, String when);
    }

    private EveryCall() {}

    /**
     * Runs it with two devices of a kind.
     *
     * @param calls at which something may happen
     * @param actions what happens, for each scene
     * @return the calls at which it happened
     */
    static Set<Call> of(
            AtRest rest,
            DeviceKind kind,
            Operation operation,
            Set<Call> calls,
            Function<Rig, Faults.Action> actions,
            Check check) {
        Set<Call> hit = new TreeSet<>();
        for (String picture : PICTURES) {
            for (int n = 1; ; n++) {
                Rig rig = rest.open(LIMIT_BYTES, Scene.device(kind), Scene.device(kind));
                Scene scene = Scene.of(rig.runtime(), picture);
                rig.faults().arm(n, actions.apply(rig), calls);
                RuntimeException failure = attempt(operation, rig, scene);
                rig.faults().disarm();
                Call at = rig.faults().hit();
                String when = "%s on %s of %s, call %d, which is %s"
                        .formatted(operation, kind, picture, n, at);
                check.after(rig, scene, picture, failure, when);
                rest.settle();
                if (at == null) {
                    assertThat(failure).as(when).isNull();
                    break;
                }
                hit.add(at);
            }
        }
        return hit;
    }

    private static RuntimeException attempt(Operation operation, Rig rig, Scene scene) {
        try {
            operation.run(rig, scene);
            return null;
        } catch (RuntimeException failure) {
            return failure;
        } catch (Faults.InjectedError failure) {
            return new IllegalStateException(failure.getMessage(), failure);
        }
    }
}
