// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.log;

/** A setting of the program's user that is a number. Who misspells it is told. Thread-safe. */
public final class NumberSetting {
    private NumberSetting() {}

    /**
     * {@return the value of a system property, at least 1}
     *
     * @param otherwise what it is where nothing is said, or what is said is no whole number
     */
    public static int of(String property, int otherwise) {
        int value = otherwise;
        String said = System.getProperty(property);
        if (said != null) {
            try {
                value = Integer.decode(said);
            } catch (NumberFormatException none) {
                Log.warn(
                        NumberSetting.class,
                        "-D" + property + "=" + said + " is no whole number below 2^31: it is "
                                + Math.max(1, otherwise) + ", as if nothing had been said");
            }
        }
        return Math.max(1, value);
    }
}
