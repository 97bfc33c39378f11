// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.memory;

/**
 * The pages that device windows are for. Known here only so that whoever looks for room on a device
 * finds them from its windows; {@code internal.migrate} has them.
 */
public interface WindowOwner {}
