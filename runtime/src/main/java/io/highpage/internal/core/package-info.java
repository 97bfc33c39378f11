// SPDX-License-Identifier: Apache-2.0

/**
 * Buffers and runtimes: checks arguments, takes and closes holders, copies bytes in and out.
 *
 * <p>Uses: internal.close, internal.log, internal.telemetry, internal.watch, internal.work,
 * management, outcome, internal.jvm, internal.management, internal.async, internal.outcome,
 * internal.page, device, io.highpage, internal.budget, internal.os, internal.copy, internal.memory,
 * internal.migrate.
 *
 * <p>Threads: any; a confined holder belongs to one.
 */
@NullMarked
package io.highpage.internal.core;

import org.jspecify.annotations.NullMarked;
