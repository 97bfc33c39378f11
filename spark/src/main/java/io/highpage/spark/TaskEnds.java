// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.apache.spark.util.TaskFailureListener;
import org.apache.spark.util.TaskInterruptListener;
import org.jspecify.annotations.Nullable;

/**
 * What Spark tells of a task, for the pages that the task has then. Spark keeps listeners to the
 * task's end, so there is one of these a task, however often a program closes its pages.
 */
final class TaskEnds implements TaskFailureListener, TaskInterruptListener, TaskCompletionListener {
    private final Runnable forget;
    private volatile @Nullable TaskPages pages;
    private volatile @Nullable Throwable failure;

    /** @param forget is run when the task has ended */
    TaskEnds(Runnable forget) {
        this.forget = forget;
    }

    /** Has Spark tell; called once, outside of locks, since it may tell now. */
    void listenTo(TaskContext context) {
        TaskFailureListener failed = this;
        TaskInterruptListener killed = this;
        TaskCompletionListener ended = this;
        context.addTaskFailureListener(failed);
        context.addTaskInterruptListener(killed);
        context.addTaskCompletionListener(ended);
    }

    /** {@return what the task has now} */
    @Nullable
    TaskPages pages() {
        return pages;
    }

    /** Says what it has from now on. */
    void pages(@Nullable TaskPages now) {
        pages = now;
    }

    @Override
    public void onTaskFailure(TaskContext context, Throwable why) {
        failure = why;
    }

    @Override
    public void onTaskInterrupted(TaskContext context, String reason) {
        TaskPages now = pages;
        if (now != null) {
            now.killed();
        }
    }

    /** On the task's own thread, so that what is confined to that can be closed. */
    @Override
    public void onTaskCompletion(TaskContext context) {
        TaskPages now = pages;
        try {
            if (now != null) {
                now.taskEnded(failure);
            }
        } finally {
            forget.run();
        }
    }
}
