// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Attempts at one output: one of them counts. */
class JobAttemptTest {
    private static final String DEVICE = "a device 1.0";

    @TempDir
    private Path outputs;

    private JobFolder job;
    private PlannedRange planned;

    @BeforeEach
    void job() throws IOException {
        job = JobFolder.begin(outputs, "app");
        Path input = Files.writeString(outputs.resolveSibling("a.bin"), "input");
        planned = PlannedRange.of(List.of(FileRange.whole(input)), outputs).getFirst();
    }

    @AfterEach
    void nothingStaysButOutputs() throws IOException {
        job.close();
        assertThat(job.folder()).doesNotExist();
        assertThat(outputs.resolve("_highpage")).doesNotExist();
    }

    @Test
    void theFirstCommitCountsAndAllOthersSayWhoWasFirst() throws Exception {
        try (JobAttempt first = begin(1);
                JobAttempt second = begin(2)) {
            Files.writeString(first.create(), "of the first");
            Files.writeString(second.create(), "of the second");
            assertThat(first.found()).isEmpty();
            JobOutput made = second.commit(DEVICE);
            assertThat(made)
                    .isEqualTo(new JobOutput(
                            planned.range(), planned.output(), DEVICE, "executor 2", 2));
            assertThat(first.commit("another device")).isEqualTo(made);
            assertThat(first.found()).contains(made);
        }
        assertThat(Path.of(planned.output())).hasContent("of the second");
        // An attempt that begins after the others have ended finds it too.
        try (JobAttempt third = begin(3)) {
            assertThat(third.found().orElseThrow().attempt()).isEqualTo(2);
        }
    }

    @Test
    void aCommitWhoseAnswerWasLostIsFoundToBeDone() throws Exception {
        try (JobAttempt attempt = begin(1)) {
            Path file = attempt.create();
            Files.writeString(file, "done");
            // As NFS does when the answer is lost and the request is sent again.
            Files.createLink(Path.of(planned.output()), file);
            assertThat(attempt.commit(DEVICE).attempt()).isEqualTo(1);
        }
        try (JobAttempt later = begin(2)) {
            assertThat(later.found()).isPresent();
        }
    }

    @Test
    void aFileOfSomebodyElseIsNeitherReplacedNorTakenForAnOutput() throws Exception {
        try (JobAttempt attempt = begin(1)) {
            Files.writeString(attempt.create(), "input");
            Files.writeString(Path.of(planned.output()), "input");
            assertThat(attempt.found()).isEmpty();
            assertThatThrownBy(() -> attempt.commit(DEVICE))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContainingAll(planned.output(), "made by somebody else");
        }
        assertThat(Path.of(planned.output())).hasContent("input");
    }

    @Test
    void anAttemptThatFailsLeavesNothing() throws Exception {
        try (JobAttempt attempt = begin(1)) {
            Files.writeString(attempt.create(), "half");
        }
        assertThat(job.folder().resolve("0-1.part")).doesNotExist();
        assertThat(Path.of(planned.output())).doesNotExist();
    }

    @Test
    void anAttemptThatComesAfterTheJobsEndCommitsNothing() throws Exception {
        JobAttempt late = begin(1);
        Files.writeString(late.create(), "late");
        job.close();
        assertThatThrownBy(() -> late.commit(DEVICE)).isInstanceOf(NoSuchFileException.class);
        late.close();
        assertThat(Path.of(planned.output())).doesNotExist();
        job = JobFolder.begin(outputs, "app");
    }

    @Test
    void attemptsThatCommitAtOnceAgree() throws Exception {
        for (int round = 0; round < 50; round++) {
            List<Callable<JobOutput>> attempts = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int number = i;
                attempts.add(() -> {
                    try (JobAttempt attempt = begin(number)) {
                        Files.writeString(attempt.create(), "of " + number);
                        return attempt.commit(DEVICE);
                    }
                });
            }
            try (ExecutorService threads = Executors.newFixedThreadPool(attempts.size())) {
                List<JobOutput> all = new ArrayList<>();
                for (Future<JobOutput> one : threads.invokeAll(attempts)) {
                    all.add(one.get());
                }
                assertThat(all).allMatch(all.getFirst()::equals);
                assertThat(Path.of(planned.output()))
                        .hasContent("of " + all.getFirst().attempt());
            }
            Files.delete(Path.of(planned.output()));
            job.close();
            job = JobFolder.begin(outputs, "app");
        }
    }

    @Test
    void aFolderThatIsNotTheDriversIsTold() {
        Path elsewhere = outputs.resolve("_highpage/job-of-another-machine");
        assertThatThrownBy(() -> JobAttempt.begin(elsewhere, planned, "executor 1 on b", 1))
                .isInstanceOf(RefusedException.class)
                .hasMessageContainingAll("executor 1 on b", elsewhere.toString(), "same path");
    }

    @Test
    void theFirstModelOfDeviceClaimsTheJob() throws Exception {
        try (JobAttempt first = begin(1);
                JobAttempt same = begin(2);
                JobAttempt other = begin(3)) {
            first.claim("model A");
            same.claim("model A");
            assertThatThrownBy(() -> other.claim("model B"))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContainingAll("model A", "executor 3", "model B", "sameBits");
        }
    }

    private JobAttempt begin(long number) throws InterruptedException {
        return JobAttempt.begin(job.folder(), planned, "executor " + number, number);
    }
}
