// SPDX-License-Identifier: Apache-2.0

/** What every command needs to talk to people and machines. */
package io.highpage.cli.console;
