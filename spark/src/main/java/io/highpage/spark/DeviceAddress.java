// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import io.highpage.device.DeviceInfo;
import io.highpage.device.Devices;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of Spark's resource: a device, or a part of one that executors share.
 *
 * @param device what {@code highpage devices} calls it
 * @param shares of how many equal parts of its memory this is one
 */
record DeviceAddress(String device, int shares) {
    /** Behind {@code #} is what makes addresses of one device differ, which Spark needs. */
    private static final Pattern FORM =
            Pattern.compile("(?<device>[^/#\\s]+)(/(?<shares>\\d{1,4})(#[^/#\\s]+)?)?");

    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /**
     * {@return the address of a text}
     *
     * @param where who says so, for messages
     * @param text such as {@code opencl:0}, {@code 0} for the same, {@code opencl:0/4}, or
     *     {@code opencl:0/4#2}
     * @throws IllegalArgumentException if it is no address
     */
    static DeviceAddress of(String where, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(where + "=" + text + " is no address of a device:"
                    + " must be like opencl:0, 0 for the same, or opencl:0/4 for a fourth of it"
                    + " (opencl:0/4#2: the second)");
        }
        String shares = matcher.group("shares");
        if (shares != null && Integer.parseInt(shares) == 0) {
            throw new IllegalArgumentException(where + "=" + text + " has 0 shares: a device can be"
                    + " divided into 1 (" + matcher.group("device") + "/1) to 9999");
        }
        String device = matcher.group("device");
        return new DeviceAddress(
                NUMBER.matcher(device).matches() ? "opencl:" + device : device,
                shares == null ? 1 : Integer.parseInt(shares));
    }

    /**
     * {@return the device}
     *
     * @throws IllegalArgumentException if it is not there; names those that are
     */
    DeviceInfo find() {
        return Devices.named(device);
    }

    @Override
    public String toString() {
        return shares == 1 ? device : device + "/" + shares;
    }
}
