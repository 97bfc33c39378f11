// SPDX-License-Identifier: Apache-2.0

/**
 * The bridge to LWJGL ({@code org.lwjgl:lwjgl-opencl}, tested with 3.4.3). LWJGL looks for
 * {@code libOpenCL.so}, which only development packages install: start Java with
 * {@code -Dorg.lwjgl.opencl.libname=libOpenCL.so.1}.
 *
 * <p>Uses: outcome, device, io.highpage, opencl.
 *
 * <p>Threads: any.
 */
@NullMarked
package io.highpage.lwjgl;

import org.jspecify.annotations.NullMarked;
