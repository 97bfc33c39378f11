// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.retrace;

import io.highpage.cli.replay.ProgramTrace;

import java.util.List;

/**
 * What became of a recording.
 *
 * @param traces what its runtimes did, one each
 * @param notes what could not be taken from it, in words
 */
public record Retraced(List<ProgramTrace> traces, List<String> notes) {}
