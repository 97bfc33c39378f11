// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.recording;

/**
 * What an event told. There is a record for each event of {@code docs/telemetry.md}, with its name,
 * and components with the names of its fields: bytes and nanoseconds where it has these units. A
 * text that the event did not have is empty. All are immutable.
 */
public sealed interface Recorded {
    /** {@return when it happened} */
    Moment when();

    /** {@return the name of the runtime} */
    String runtime();

    /** A buffer was allocated. */
    record BufferAllocation(
            Moment when,
            String runtime,
            long buffer,
            long byteSize,
            long pageBytes,
            long spanBytes,
            String budget)
            implements Recorded {}

    /** A buffer was closed. */
    record BufferClose(Moment when, String runtime, long buffer, long byteSize)
            implements Recorded {}

    /** A batch of pages moved; or failed to, if it has a failure. */
    record Migration(
            Moment when,
            String runtime,
            long buffer,
            String from,
            String to,
            long firstPage,
            long pages,
            long bytes,
            long zeroedBytes,
            int runs,
            String reason,
            String route,
            long waitTime,
            long copyTime,
            String failure)
            implements Recorded {}

    /** A program asked for pages to be moved. */
    record Move(
            Moment when,
            String runtime,
            long buffer,
            String operation,
            String to,
            long firstPage,
            long pages,
            long movedPages,
            String failure)
            implements Recorded {}

    /** An operation waited. */
    record Wait(
            Moment when, String runtime, long buffer, String operation, long page, String reason)
            implements Recorded {}

    /** A long-term pin was taken. */
    record Pin(
            Moment when,
            String runtime,
            long buffer,
            long offset,
            long byteSize,
            String owner,
            String mode,
            String strength)
            implements Recorded {}

    /** A long-term pin was closed. */
    record Unpin(
            Moment when,
            String runtime,
            long buffer,
            long offset,
            long byteSize,
            String owner,
            String mode,
            long heldTime)
            implements Recorded {}

    /** A device access was taken. */
    record Access(
            Moment when,
            String runtime,
            long buffer,
            String device,
            long offset,
            long byteSize,
            String owner,
            String mode)
            implements Recorded {}

    /** A device access was closed. */
    record AccessEnd(
            Moment when,
            String runtime,
            long buffer,
            String device,
            long offset,
            long byteSize,
            String owner,
            String mode,
            long heldTime)
            implements Recorded {}

    /** A pin, a hold or a device access was refused. */
    record Rejection(
            Moment when,
            String runtime,
            long buffer,
            String operation,
            long firstPage,
            long pages,
            String owner,
            String mode,
            String device,
            long page,
            String reason)
            implements Recorded {}

    /** A span made room for another. */
    record Eviction(
            Moment when,
            String runtime,
            long buffer,
            String tier,
            long firstPage,
            long pages,
            long bytes,
            long copiedBytes,
            boolean clean,
            String order,
            double worth,
            long forBuffer,
            String operation)
            implements Recorded {}

    /** A budget refused bytes of a tier. */
    record BudgetReached(
            Moment when,
            String runtime,
            String budget,
            String tier,
            long requestedBytes,
            long usedBytes,
            long limitBytes)
            implements Recorded {}

    /** Where the bytes of a buffer were. */
    record BufferResidency(
            Moment when,
            String runtime,
            long buffer,
            long byteSize,
            String budget,
            String tier,
            long bytes,
            long cleanBytes)
            implements Recorded {}

    /** What was taken of a tier. */
    record TierUsage(
            Moment when,
            String runtime,
            String budget,
            String tier,
            long usedBytes,
            long limitBytes)
            implements Recorded {}

    /** A holder that was open. */
    record OpenHolder(
            Moment when,
            String runtime,
            long buffer,
            String kind,
            long offset,
            long byteSize,
            String owner,
            String holderThread,
            String mode,
            String strength,
            String keepers,
            long age)
            implements Recorded {}
}
