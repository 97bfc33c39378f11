// SPDX-License-Identifier: Apache-2.0

/**
 * The bridge to LWJGL ({@code org.lwjgl:lwjgl-opencl}, 3.3 or newer). LWJGL looks for {@code libOpenCL.so}, which only
 * development packages install: start Java with {@code -Dorg.lwjgl.opencl.libname=libOpenCL.so.1}.
 */
package io.highpage.interop.lwjgl;
