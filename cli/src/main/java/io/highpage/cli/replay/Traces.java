// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.replay;

import java.util.List;

/**
 * The traces of a file. Immutable.
 *
 * @param kernel those that were recorded from a kernel
 * @param programs those that were recorded from programs
 */
public record Traces(List<Trace> kernel, List<ProgramTrace> programs) {}
