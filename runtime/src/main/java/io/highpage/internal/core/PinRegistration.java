// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;
import io.highpage.internal.jvm.StackRoom;

/**
 * A registration of a pin; the pin keeps the list of what is kept by those that are open, and not
 * themselves: one that nobody has any more can be told of.
 */
public final class PinRegistration implements Registration {
    private final LongTermPin pin;
    private final KeptPin kept;

    PinRegistration(LongTermPin pin, KeptPin kept) {
        this.pin = pin;
        this.kept = kept;
    }

    KeptPin kept() {
        return kept;
    }

    @Override
    public Pin pin() {
        return pin;
    }

    @Override
    public Keeper keeper() {
        return kept.keeper();
    }

    @Override
    public boolean isOpen() {
        return pin.registrations().contains(kept);
    }

    @Override
    public void close() {
        StackRoom.check();
        pin.unregister(this);
    }

    @Override
    public String toString() {
        return "registration of " + pin + " with " + kept.name();
    }
}
