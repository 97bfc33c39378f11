// SPDX-License-Identifier: Apache-2.0

/** What this machine has, what it lacks, what that costs and how to get it. */
package io.highpage.cli.doctor;
