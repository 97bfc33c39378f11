// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench.spark;

import io.highpage.spark.demo.RunFolder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Inputs and outputs of a run.
 *
 * @param folder where they are
 */
record Scratch(Path folder) {
    /** {@return files of numbers from 0 to 1, the same ones each time, all of one length} */
    List<Path> inputs(String name, int count, long bytes) throws IOException {
        Path inputs = Files.createDirectory(folder.resolve(name));
        Random random = new Random(42);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path file = inputs.resolve("numbers-%03d.f32".formatted(i));
            ByteBuffer block = ByteBuffer.allocate(1 << 20).order(ByteOrder.nativeOrder());
            while (block.hasRemaining()) {
                block.putFloat(random.nextFloat());
            }
            try (FileChannel out = FileChannel.open(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (long at = 0; at < bytes; at += block.limit()) {
                    block.rewind().limit((int) Math.min(block.capacity(), bytes - at));
                    out.write(block);
                }
            }
            files.add(file);
        }
        return files;
    }

    /** {@return a folder for outputs that is empty} */
    Path outputs() throws IOException {
        RunFolder.remove(outputsFolder());
        return Files.createDirectory(outputsFolder());
    }

    /** {@return that folder as it is} */
    Path outputsFolder() {
        return folder.resolve("out");
    }

    /**
     * {@return the SHA-256 of all outputs together}
     *
     * @throws IllegalStateException if there are not as many
     */
    static String sha256(Path outputs, int count) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(outputs)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        if (files.size() != count) {
            throw new IllegalStateException(
                    "there are " + files.size() + " outputs of " + count + " files: " + files);
        }
        MessageDigest sum = digest();
        files.parallelStream().map(Scratch::sha256).toList().forEach(sum::update);
        return HexFormat.of().formatHex(sum.digest());
    }

    private static byte[] sha256(Path file) {
        MessageDigest digest = digest();
        byte[] block = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(block); read >= 0; read = in.read(block)) {
                digest.update(block, 0, read);
            }
            return digest.digest();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }
}
