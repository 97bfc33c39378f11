// SPDX-License-Identifier: Apache-2.0
package io.highpage.uring;

import static io.highpage.bindings.linux.linux_h.EAGAIN;
import static io.highpage.bindings.linux.linux_h.EBUSY;
import static io.highpage.bindings.linux.linux_h.EINTR;
import static io.highpage.bindings.linux.linux_h.EINVAL;
import static io.highpage.bindings.linux.linux_h.EIO;
import static io.highpage.bindings.linux.linux_h.EMFILE;
import static io.highpage.bindings.linux.linux_h.ENOMEM;
import static io.highpage.bindings.linux.linux_h.ENOSYS;
import static io.highpage.bindings.linux.linux_h.EOPNOTSUPP;
import static io.highpage.bindings.linux.linux_h.EPERM;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.Pin;
import io.highpage.internal.os.UringCalls;
import io.highpage.outcome.HighpageException;
import io.highpage.outcome.Strength;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Every system call of a ring fails once, with the errors that the kernel has for it. */
class RingFailureTest extends RingTest {
    /** Instead of an error number: the call is not made, an Error comes instead. */
    private static final int ERROR = -1;

    /** Lets the n-th call, counted from 1, fail {@code times} times in a row. */
    private static final class FailingCalls extends UringCalls {
        private final int failAt;
        private final int errno;
        private int times;
        private int made;
        private String failed = "";

        FailingCalls(int failAt, int errno, int times) {
            this.failAt = failAt;
            this.errno = errno;
            this.times = times;
        }

        @Override
        public int open(MemorySegment path, int flags, int mode) {
            made++;
            return super.open(path, flags, mode);
        }

        private boolean fails(String call) {
            made++;
            if (made < failAt || times == 0) {
                return false;
            }
            if (errno == ERROR) {
                times--;
                failed = call;
                throw new OutOfMemoryError("instead of " + call);
            }
            // Only entering is tried again and again, and registering that was interrupted.
            times = call.equals("enter") || call.equals("register") && errno == EINTR()
                    ? times - 1
                    : 0;
            failed = call;
            return true;
        }

        @Override
        public int setup(int entries, MemorySegment params) {
            return fails("setup") ? -errno : super.setup(entries, params);
        }

        @Override
        public int enter(int fd, int submit, int complete, int flags, MemorySegment argument) {
            return fails("enter") ? -errno : super.enter(fd, submit, complete, flags, argument);
        }

        @Override
        public int register(int fd, int operation, MemorySegment argument, int count) {
            return fails("register") ? -errno : super.register(fd, operation, argument, count);
        }

        @Override
        public long map(int fd, long byteSize, long offset) {
            return fails("map") ? -errno : super.map(fd, byteSize, offset);
        }

        @Override
        public int unmap(long address, long byteSize) {
            return fails("unmap") ? -errno : super.unmap(address, byteSize);
        }

        /** What it says changes nothing: the descriptor is closed. */
        @Override
        public int close(int fd) {
            boolean fails = fails("close");
            int result = super.close(fd);
            return fails ? -errno : result;
        }
    }

    /** {@return how many calls the whole of {@link #use} makes} */
    private int useWith(FailingCalls calls) throws IOException {
        Path path = folder.resolve("content");
        byte[] content = random(1000);
        Files.write(path, content);
        try (Pin pin = buffer.range(0, 4 * buffer.pageBytes()).pin(Pin.longTerm());
                RingFile file = RingFile.open(path)) {
            try {
                use(calls, pin, file, content);
            } finally {
                assertThat(pin.strength()).isEqualTo(Strength.RUNTIME);
                assertThat(hp.pins()).as("no home is kept").hasSize(1);
            }
        }
        return calls.made;
    }

    private void use(FailingCalls calls, Pin pin, RingFile file, byte[] content)
            throws IOException {
        Ring ring = Ring.builder("failing")
                .calls(calls)
                .slotBytes(2 * buffer.pageBytes())
                .open();
        try {
            FixedBuffer fixed = ring.register(pin);
            assertThat(fixed.slots()).isEqualTo(2);
            assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
            assertThat(bytes(pin, 0, 1000)).isEqualTo(content);
            fixed.update(pin);
            fixed.close();
            useWhole(ring, pin, file, content);
        } finally {
            close(ring);
        }
    }

    private void useWhole(Ring ring, Pin pin, RingFile file, byte[] content) throws IOException {
        RegisteredBuffer whole = ring.register(buffer);
        assertThat(whole.slots()).isGreaterThan(2);
        FixedBuffer fixed = whole.register(pin);
        pin.segment().fill((byte) 0);
        assertThat(ring.readFixed(file, 0, fixed, 0, 1000).await(SOON)).isEqualTo(1000);
        assertThat(bytes(pin, 0, 1000)).isEqualTo(content);
        fixed.close();
        whole.close();
    }

    /** What fails to close can be closed again. */
    private static void close(Ring ring) throws IOException {
        try {
            ring.close();
        } catch (Throwable refused) {
            ring.close();
            throw refused;
        }
    }

    static Stream<Integer> errors() {
        return Stream.of(EPERM(), ENOMEM(), EINVAL(), EBUSY(), EOPNOTSUPP());
    }

    @ParameterizedTest
    @MethodSource("errors")
    void everyCall_failingForGood_isSaidAndLeavesNothing(int errno) throws IOException {
        int calls = useWith(new FailingCalls(Integer.MAX_VALUE, errno, 0));
        assertThat(calls).isGreaterThan(10);
        List<String> failed = new ArrayList<>();
        for (int n = 1; n <= calls; n++) {
            FailingCalls failing = new FailingCalls(n, errno, errno == EBUSY() ? 100 : 1);
            try {
                useWith(failing);
                failed.add(failing.failed + " survived");
            } catch (RingException | HighpageException refused) {
                assertThat(refused)
                        .hasMessageMatching(
                                "(?s)(io_uring_|mmap|munmap).* failed with E[A-Z]+ \\(.*");
                failed.add(failing.failed);
            }
            new WithIoUring().afterEach(null);
        }
        assertThat(failed)
                .contains("setup", "map", "register", "enter", "unmap", "close survived")
                .doesNotContain("enter survived", "map survived", "unmap survived");
    }

    /** Also where the kernel has been asked to take something back: the close is called again. */
    @Test
    void everyCall_meetingAnErrorInstead_leavesNothing() throws IOException {
        int calls = useWith(new FailingCalls(Integer.MAX_VALUE, ERROR, 0));
        List<String> failed = new ArrayList<>();
        for (int n = 1; n <= calls; n++) {
            FailingCalls failing = new FailingCalls(n, ERROR, 1);
            assertThatThrownBy(() -> useWith(failing)).isInstanceOf(OutOfMemoryError.class);
            failed.add(failing.failed);
            new WithIoUring().afterEach(null);
        }
        assertThat(failed).contains("setup", "map", "register", "enter", "unmap", "close");
    }

    /**
     * Descriptors of files: closed once, whatever comes, and once more if the call was not made.
     */
    @Test
    void fileWhoseCloseMeetsAnError_canBeClosedAgain() throws IOException {
        FailingCalls calls = new FailingCalls(2, ERROR, 1);
        RingFile file = RingFile.open(calls, file(random(10)), false, Set.of());
        assertThatThrownBy(file::close).isInstanceOf(OutOfMemoryError.class);
        file.close();
        file.close();
        assertThat(calls.made).isEqualTo(3);
        FailingCalls refused = new FailingCalls(2, EIO(), 1);
        RingFile other = RingFile.open(refused, file(random(10)), false, Set.of());
        assertThatThrownBy(other::close)
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("close failed: EIO");
        other.close();
        assertThat(refused.made).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 11}) // EINTR, EAGAIN
    void everyCall_thatIsToBeRepeated_isRepeated(int errno) throws IOException {
        assertThat(List.of(EINTR(), EAGAIN())).contains(errno);
        int calls = useWith(new FailingCalls(Integer.MAX_VALUE, errno, 0));
        for (int n : IntStream.rangeClosed(1, calls).toArray()) {
            FailingCalls failing = new FailingCalls(n, errno, 3);
            try {
                useWith(failing);
            } catch (RingException refused) {
                assertThat(failing.failed).isNotEqualTo("enter");
                assertThat(errno == EINTR() && failing.failed.equals("register"))
                        .isFalse();
            }
        }
    }

    @Test
    void missingOrForbidden_isSaidWithWhatToDo() {
        assertThatThrownBy(() -> open(ENOSYS()))
                .isInstanceOf(RingException.class)
                .hasMessageContaining(
                        "io_uring_setup failed with ENOSYS (Function not implemented): entries=4")
                .hasMessageContaining("built without io_uring")
                .hasMessageContaining("seccomp profile");
        assertThatThrownBy(() -> open(EPERM())).hasMessageContaining("seccomp profile");
        assertThatThrownBy(() -> open(EMFILE())).hasMessageContaining("ulimit -n");
        assertThatThrownBy(() -> open(EINVAL())).hasMessageContaining("Linux 5.19 is needed");
        assertThat(Advice.forSetup(EPERM(), "2"))
                .contains("kernel.io_uring_disabled = 2", "sysctl");
        assertThat(Advice.forSetup(EPERM(), "1")).contains("io_uring_group");
    }

    private static void open(int errno) throws IOException {
        Ring.builder("refused")
                .entries(4)
                .calls(new FailingCalls(1, errno, 1))
                .open()
                .close();
    }
}
