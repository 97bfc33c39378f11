// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.doctor;

import io.highpage.cli.console.Json;

import java.util.Locale;
import java.util.Map;

/**
 * What was found out about one thing.
 *
 * @param name the thing
 * @param state whether all is well
 * @param found what is there
 * @param cost what its state means for the user, or empty
 * @param remedy what to do about it, or empty
 */
public record Finding(String name, State state, String found, String cost, String remedy) {

    /** Whether all is well. */
    public enum State {
        /** As it should be. */
        OK,
        /** Something is not there; all works without it, but less well. */
        LESS,
        /** Results may be wrong, or the process may die. */
        WRONG
    }

    static Finding ok(String name, String found) {
        return new Finding(name, State.OK, found, "", "");
    }

    static Finding less(String name, String found, String cost, String remedy) {
        return new Finding(name, State.LESS, found, cost, remedy);
    }

    static Finding wrong(String name, String found, String cost, String remedy) {
        return new Finding(name, State.WRONG, found, cost, remedy);
    }

    /** {@return the fields, for machines} */
    public Map<String, Object> json() {
        return Json.object(
                "name",
                name,
                "state",
                state.name().toLowerCase(Locale.ROOT),
                "found",
                found,
                "cost",
                cost,
                "remedy",
                remedy);
    }
}
