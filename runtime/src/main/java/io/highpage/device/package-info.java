// SPDX-License-Identifier: Apache-2.0

/** Devices: what is found on a machine, and what a new kind of device implements. */
package io.highpage.device;
