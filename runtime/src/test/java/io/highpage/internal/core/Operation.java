// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.highpage.DeviceAccess;
import io.highpage.Hold;
import io.highpage.PageBuffer;
import io.highpage.Pin;
import io.highpage.internal.core.AtRest.Rig;
import io.highpage.internal.migrate.HomeDiscard;
import io.highpage.internal.migrate.Pages;
import io.highpage.outcome.AccessMode;
import io.highpage.outcome.MoveReport;
import io.highpage.outcome.PageOutcome;
import io.highpage.outcome.Terms;
import io.highpage.outcome.Verification;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;

/**
 * What is tried while a call fails, is late or lies. It changes {@link Scene#bytes} after its
 * change of the buffer has succeeded.
 */
enum Operation {
    PREFETCH {
        @Override
        void run(Rig rig, Scene scene) {
            orThrow(scene.buffer.prefetch(rig.runtime().device()));
        }
    },
    EVICT {
        @Override
        void run(Rig rig, Scene scene) {
            orThrow(scene.buffer.evict());
        }
    },
    PIN {
        @Override
        void run(Rig rig, Scene scene) {
            try (Pin pin = scene.buffer
                    .range(PAGE + 1, 6 * PAGE - 2)
                    .pin(Pin.longTerm().owner("test").deadline(DEADLINE))) {
                check(pin.segment(), scene.bytes, PAGE + 1);
                assertThat(pin.verify()).matches(Verification::isConfirmed);
            }
        }
    },
    PIN_WHOLE {
        @Override
        void run(Rig rig, Scene scene) {
            try (Pin pin = scene.buffer.pin(Pin.longTerm().bare().shared().deadline(DEADLINE))) {
                check(pin.segment(), scene.bytes, 0);
            }
        }
    },
    PIN_LOCKED {
        @Override
        void run(Rig rig, Scene scene) {
            try (Pin pin = scene.buffer.range(PAGE, 3 * PAGE).pin(Pin.longTerm().pageLocked());
                    Pin overlapping = scene.buffer
                            .range(2 * PAGE, 4 * PAGE)
                            .pin(Pin.longTerm().pageLocked())) {
                check(pin.segment(), scene.bytes, PAGE);
                check(overlapping.segment(), scene.bytes, 2 * PAGE);
            }
        }
    },
    HOLD {
        @Override
        void run(Rig rig, Scene scene) {
            try (Hold hold = scene.buffer.range(0, scene.bytes.length).hold(TERMS)) {
                for (Hold.Pieces pieces = hold.pieces(); pieces.next(); ) {
                    check(pieces.slice(), scene.bytes, (int) pieces.offset());
                }
            }
        }
    },
    ACCESS {
        @Override
        void run(Rig rig, Scene scene) {
            try (DeviceAccess access = scene.buffer
                    .range(0, scene.bytes.length)
                    .access(TERMS, rig.runtime().device())) {
                assertThat(access.segment().address()).isNotZero();
            }
        }
    },
    ACCESS_ELSEWHERE {
        @Override
        void run(Rig rig, Scene scene) {
            try (DeviceAccess access = scene.buffer
                    .range(2 * PAGE, 4 * PAGE)
                    .access(rig.runtime().devices().getLast(), AccessMode.READ)) {
                assertThat(access.byteSize()).isEqualTo(4 * PAGE);
            }
        }
    },
    READ {
        @Override
        void run(Rig rig, Scene scene) {
            byte[] read = new byte[scene.bytes.length - 2];
            scene.buffer.read(1, MemorySegment.ofArray(read));
            check(MemorySegment.ofArray(read), scene.bytes, 1);
        }
    },
    WRITE {
        @Override
        void run(Rig rig, Scene scene) {
            byte[] written = new byte[5 * PAGE];
            Arrays.fill(written, (byte) 7);
            scene.buffer.write(PAGE / 2, MemorySegment.ofArray(written));
            System.arraycopy(written, 0, scene.bytes, PAGE / 2, written.length);
        }
    },
    FILL {
        @Override
        void run(Rig rig, Scene scene) {
            scene.buffer.range(10, 6 * PAGE).fill((byte) 9);
            Arrays.fill(scene.bytes, 10, 10 + 6 * PAGE, (byte) 9);
        }
    },
    COPY {
        @Override
        void run(Rig rig, Scene scene) {
            scene.buffer.range(5, 5 * PAGE).copyTo(scene.buffer, 2 * PAGE + 3);
            System.arraycopy(scene.bytes, 5, scene.bytes, 2 * PAGE + 3, 5 * PAGE);
        }
    },
    ALLOCATE {
        @Override
        void run(Rig rig, Scene scene) {
            try (PageBuffer other = rig.runtime().allocate(3 * PAGE)) {
                assertThat(other.pageCount()).isEqualTo(3);
            }
        }
    },
    DISCARD_HOMES {
        @Override
        void run(Rig rig, Scene scene) {
            Pages pages = ((ManagedBuffer) scene.buffer).pages();
            HomeDiscard.run(pages, 0, scene.buffer.pageCount());
        }
    },
    CLOSE {
        @Override
        void run(Rig rig, Scene scene) {
            rig.runtime().close();
        }
    };

    /** How long an operation that takes terms waits for others; its own copies may take longer. */
    static final Duration DEADLINE = Duration.ofMillis(1);

    private static final Terms TERMS = Terms.defaults().deadline(DEADLINE);
    private static final int PAGE = Scene.PAGE;

    abstract void run(Rig rig, Scene scene);

    private static void orThrow(MoveReport report) {
        report.failure().ifPresent(failure -> {
            assertThat(report.complete()).isFalse();
            throw failure;
        });
        boolean lost = report.outcomes().count(PageOutcome.DEVICE_LOST) > 0;
        assertThat(report.complete() || lost).isTrue(); // what was found lost is no failed step
    }

    private static void check(MemorySegment segment, byte[] bytes, int from) {
        MemorySegment expected = MemorySegment.ofArray(bytes).asSlice(from, segment.byteSize());
        assertThat(segment.mismatch(expected)).as("first wrong byte").isEqualTo(-1);
    }
}
