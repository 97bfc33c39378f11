// SPDX-License-Identifier: Apache-2.0
package io.highpage.examples.ingest;

/**
 * What was done.
 *
 * @param records how many were read
 * @param kept how many were kept
 * @param nanos how long it took, without making the output durable
 * @param way how bytes got from files to the device and back, in words
 */
record Result(long records, long kept, long nanos, String way) {}
