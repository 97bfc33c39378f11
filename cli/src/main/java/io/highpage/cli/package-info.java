// SPDX-License-Identifier: Apache-2.0

/** The commands, one class each; what they do is in the packages beside this one. */
package io.highpage.cli;
