// SPDX-License-Identifier: Apache-2.0

/**
 * The bridge to UCX ({@code org.openucx:jucx}, tested with 1.12.1; not newer than the UCX that is
 * installed, on Debian {@code libucx0}). Start Java with {@code UCX_ERROR_SIGNALS=} in the
 * environment, so that UCX leaves the JVM its signals.
 *
 * <p>Uses: io.highpage.
 *
 * <p>Threads: as UCX allows, see each method.
 */
@NullMarked
package io.highpage.ucx;

import org.jspecify.annotations.NullMarked;
