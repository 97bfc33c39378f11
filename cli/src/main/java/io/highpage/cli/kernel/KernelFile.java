// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli.kernel;

import io.highpage.cli.console.UserError;
import io.highpage.pipe.KernelSource;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** OpenCL C that a user has in a file. */
public final class KernelFile {
    private static final Pattern DEFINE =
            Pattern.compile("([A-Za-z_]\\w*(?:\\([\\w, .]*\\))?)(?:=([^\\r\\n]*))?");
    private static final Pattern INCLUDES = Pattern.compile("(?m)^[ \\t]*#[ \\t]*include\\b");
    private static final Pattern UNUSUAL = Pattern.compile("[\\s\"'\\\\]");

    private KernelFile() {}

    /**
     * Reads a source, for which {@code #include} finds what lies beside it.
     *
     * @param file the source, in UTF-8
     * @param defines macros, such as {@code N} or {@code N=4}
     * @param folders where else to look for what it includes
     * @return the source
     * @throws UserError if it cannot be read, or an option makes no sense
     */
    public static KernelSource read(Path file, List<String> defines, List<Path> folders) {
        String text = text(file);
        StringBuilder options = new StringBuilder();
        if (INCLUDES.matcher(text).find()) {
            Path own = file.toAbsolutePath().normalize().resolveSibling("");
            options.append(include("KERNEL.cl " + file + " includes files, and its folder", own));
        }
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw UserError.usage("-I " + folder + " is no folder");
            }
            options.append(include("-I", folder.toAbsolutePath().normalize()));
        }
        return new KernelSource(file.toString(), macros(defines) + text, options.toString());
    }

    // As options they would have to be quoted, and drivers do not agree how.
    private static String macros(List<String> defines) {
        StringBuilder lines = new StringBuilder();
        for (String define : defines) {
            Matcher parts = DEFINE.matcher(define);
            if (!parts.matches()) {
                throw UserError.usage("-D '" + define + "' is not NAME or NAME=VALUE");
            }
            String value = parts.group(2) == null ? "1" : parts.group(2);
            lines.append("#define ")
                    .append(parts.group(1))
                    .append(' ')
                    .append(value)
                    .append('\n');
        }
        // What the compiler says counts lines as the file does.
        return defines.isEmpty() ? "" : lines.append("#line 1\n").toString();
    }

    private static String include(String what, Path folder) {
        if (UNUSUAL.matcher(folder.toString()).find()) {
            throw UserError.failed(what + " " + folder + " has a blank, a quote or a backslash in"
                    + " its name, which OpenCL's compilers do not take: use another folder, or a"
                    + " link to it");
        }
        return " -I" + folder;
    }

    private static String text(Path source) {
        try {
            String text = Files.readString(source);
            if (text.isBlank()) {
                throw UserError.failed("KERNEL.cl " + source + " is empty");
            }
            return text;
        } catch (CharacterCodingException notText) {
            throw UserError.failed("KERNEL.cl " + source + " is not text in UTF-8", notText);
        } catch (IOException e) {
            throw UserError.io("cannot read KERNEL.cl " + source, e);
        }
    }
}
