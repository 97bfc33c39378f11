// SPDX-License-Identifier: Apache-2.0
package io.highpage.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highpage.testkit.JavaProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The folder of a job, and what others leave in it or take it for. */
class JobFolderTest {
    @TempDir
    private Path outputs;

    @Test
    void itIsThereWhileItIsOpenAndLeavesNothing() throws IOException {
        Path deeper = outputs.resolve("made/too");
        try (JobFolder job = JobFolder.begin(deeper, "app-1")) {
            assertThat(job.folder()).isDirectory();
            assertThat(job.jobId()).startsWith("job-app-1.");
            Files.writeString(job.folder().resolve("3-7.part"), "half of it");
        }
        assertThat(deeper).isEmptyDirectory();
    }

    @Test
    void jobsIntoOneFolderLeaveEachOtherAlone() throws IOException {
        JobFolder first = JobFolder.begin(outputs, "app");
        JobFolder second = JobFolder.begin(outputs, "app");
        assertThat(second.folder()).isNotEqualTo(first.folder());
        first.close();
        assertThat(second.folder()).isDirectory();
        second.close();
        assertThat(outputs).isEmptyDirectory();
    }

    @Test
    void anAttemptThatIsStillAtWorkCanNeitherBeginAFileNorCommitOne() throws IOException {
        JobFolder job = JobFolder.begin(outputs, "app");
        Path mine = Files.writeString(job.folder().resolve("0-1.part"), "mine");
        job.close();
        assertThatThrownBy(() -> Files.createLink(outputs.resolve("a.bin"), mine))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.createFile(mine)).isInstanceOf(NoSuchFileException.class);
        assertThat(outputs).isEmptyDirectory();
    }

    @Test
    void whatADeadDriverLeftGoesAndWhatALiveOneHasStays() throws Exception {
        Process driver = holder();
        Path folder = Path.of(driver.inputReader().readLine());
        Files.writeString(folder.resolve("0-1.part"), "half of it");

        JobFolder.begin(outputs, "meanwhile").close();
        assertThat(folder.resolve("0-1.part")).exists();

        driver.destroyForcibly();
        assertThat(driver.waitFor(60, TimeUnit.SECONDS)).isTrue();
        JobFolder.begin(outputs, "after").close();
        assertThat(outputs).isEmptyDirectory();
    }

    @Test
    void aRemovalThatWasCutShortIsGoneOnWith() throws Exception {
        Path half = Files.createDirectories(outputs.resolve("_highpage/job-app.1-2.aa.ended"));
        Files.createFile(half.resolve("lock"));
        Files.createFile(half.resolve("0-1.part"));
        Files.createDirectories(outputs.resolve("_highpage/job-app.1-2.bb.ended"));
        JobFolder.begin(outputs, "after").close();
        assertThat(outputs).isEmptyDirectory();
    }

    @Test
    void whatCannotBeRemovedKeepsNoJobFromBeginning() throws Exception {
        Path used = Files.createDirectories(outputs.resolve("_highpage/job-app.1-2.aa.ended"));
        Files.createFile(used.resolve("lock"));
        Files.createDirectories(
                used.resolve("folder/deeper")); // as what NFS keeps while it is open
        Path others = outputs.resolve("_highpage/job-app.1-2.bb");
        Files.createDirectories(others.resolve("lock")); // cannot be opened, as another user's
        try (JobFolder job = JobFolder.begin(outputs, "app")) {
            assertThat(job.folder()).isDirectory();
        }
        assertThat(used).exists();
        assertThat(others).exists();
    }

    @Test
    void filesOfOthersStay() throws IOException {
        Path other = Files.createDirectories(outputs.resolve("_highpage/notes"));
        Files.createFile(other.resolve("lock"));
        JobFolder.begin(outputs, "app").close();
        assertThat(other.resolve("lock")).exists();
    }

    @Test
    void jobsThatBeginAtOnceAllGetTheirFolders() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> jobs = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                jobs.add(() -> {
                    try (JobFolder job = JobFolder.begin(outputs, "app")) {
                        return Files.isDirectory(job.folder());
                    }
                });
            }
            for (Future<Boolean> job : threads.invokeAll(jobs)) {
                assertThat(job.get()).isTrue();
            }
        }
        assertThat(outputs).isEmptyDirectory();
    }

    @Test
    void driversThatBeginAtOnceTakeNoneOfTheLivingForDead() throws Exception {
        List<Process> drivers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            drivers.add(process("churn"));
        }
        for (Process driver : drivers) {
            String words = new String(driver.getInputStream().readAllBytes());
            assertThat(driver.waitFor()).as(words).isZero();
        }
        assertThat(outputs).isEmptyDirectory();
    }

    @Test
    void aFolderThatIsAFileIsTold() throws IOException {
        Path file = Files.createFile(outputs.resolve("file"));
        assertThatThrownBy(() -> JobFolder.begin(file, "app"))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(file.toString());
    }

    /** A driver that has a job until it is killed, and prints its folder. */
    private Process holder() throws IOException {
        return process("hold");
    }

    private Process process(String what) throws IOException {
        return JavaProcess.of(List.of(), Driver.class, what, outputs).start();
    }

    /** Another driver. */
    static final class Driver {
        private Driver() {}

        public static void main(String[] arguments) throws Exception {
            Path outputs = Path.of(arguments[1]);
            if (arguments[0].equals("hold")) {
                JobFolder job = JobFolder.begin(outputs, "app");
                System.out.println(job.folder());
                Thread.sleep(600_000);
                job.close();
            }
            for (int i = 0; i < 100; i++) {
                try (JobFolder job = JobFolder.begin(outputs, "app")) {
                    Path mine = Files.createFile(job.folder().resolve("0-1.part"));
                    Thread.sleep(2);
                    Files.delete(mine); // throws if another driver has
                }
            }
        }
    }
}
