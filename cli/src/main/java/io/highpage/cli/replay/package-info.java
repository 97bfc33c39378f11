// SPDX-License-Identifier: Apache-2.0

/**
 * Page operations recorded from a Linux kernel, and a replayer that puts a runtime through them.
 */
package io.highpage.cli.replay;
