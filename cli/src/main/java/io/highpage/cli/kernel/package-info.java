// SPDX-License-Identifier: Apache-2.0

/** OpenCL kernels over files, launched through JOCL on Highpage's memory. */
package io.highpage.cli.kernel;
