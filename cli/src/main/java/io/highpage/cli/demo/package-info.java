// SPDX-License-Identifier: Apache-2.0

/** The main job on real data, step by step. */
package io.highpage.cli.demo;
