// SPDX-License-Identifier: Apache-2.0

/** Lets a program that uses LWJGL's OpenCL give its kernels Highpage's memory. */
module io.highpage.lwjgl {
    requires transitive io.highpage.opencl;
    requires transitive org.lwjgl;
    requires static org.jspecify;

    exports io.highpage.lwjgl;
}
