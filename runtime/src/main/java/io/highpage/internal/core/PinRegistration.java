// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import io.highpage.Keeper;
import io.highpage.Pin;
import io.highpage.Registration;

/** A registration of a pin; the pin keeps the list of those that are open. */
public final class PinRegistration implements Registration {
    private final LongTermPin pin;
    private final Keeper keeper;

    PinRegistration(LongTermPin pin, Keeper keeper) {
        this.pin = pin;
        this.keeper = keeper;
    }

    @Override
    public Pin pin() {
        return pin;
    }

    @Override
    public Keeper keeper() {
        return keeper;
    }

    @Override
    public boolean isOpen() {
        return pin.registrations().contains(this);
    }

    @Override
    public void close() {
        pin.unregister(this);
    }

    @Override
    public String toString() {
        return "registration of " + pin + " with " + keeper.name();
    }
}
