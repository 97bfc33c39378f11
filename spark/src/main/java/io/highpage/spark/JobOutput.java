// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import java.io.Serializable;

/**
 * An output that is committed: whole, under its own name. Immutable and thread-safe.
 *
 * @param input what it was made of; it is as long
 * @param path the output
 * @param device the model of device that made it, with its driver; empty for an output of no bytes
 * @param executor the executor and its host
 * @param attempt the attempt of Spark's task that made it, unique in the application
 */
public record JobOutput(FileRange input, String path, String device, String executor, long attempt)
        implements Serializable {}
