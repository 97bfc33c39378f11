// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl.discovery;

/** Prints what the provider finds and misses, in a JVM of its own. */
final class FindMain {
    private FindMain() {}

    public static void main(String[] arguments) {
        OpenClProvider provider = new OpenClProvider();
        provider.find()
                .forEach(device -> System.out.println("found " + device.name() + " "
                        + device.description() + ": " + device.reason()));
        System.out.println("missing " + provider.missing().orElse("nothing"));
    }
}
