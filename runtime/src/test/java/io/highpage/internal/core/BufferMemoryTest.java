// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.internal.budget.Account;
import io.highpage.internal.budget.BudgetNode;
import io.highpage.internal.os.LinuxMemory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/** What becomes of a buffer's memory that a native call does not let go. */
class BufferMemoryTest {
    private static final long BYTES = 1 << 16;

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void memoryInANativeCallThatHangs_isToldAndClosedLater() throws Exception {
        Account account = new Account(BudgetNode.root("root", 1));
        BufferMemory memory = BufferMemory.map(LinuxMemory.INSTANCE, account, BYTES, 4096, 4096);
        Pipe pipe = Pipe.open();
        ByteBuffer window = memory.home().memory().asByteBuffer();
        Thread reader = Thread.ofPlatform().start(() -> read(pipe, window));
        try {
            while (!isInANativeCall(reader)) {
                Thread.sleep(1);
            }
            assertThatThrownBy(memory::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("close the buffer again")
                    .hasCauseInstanceOf(IllegalStateException.class);
        } finally {
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            reader.join();
            pipe.sink().close();
            pipe.source().close();
        }
        memory.close();
        assertThat(memory.home().memory().scope().isAlive()).isFalse();
    }

    private static boolean isInANativeCall(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].getMethodName().equals("read0");
    }

    private static void read(Pipe pipe, ByteBuffer window) {
        try {
            pipe.source().read(window);
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
