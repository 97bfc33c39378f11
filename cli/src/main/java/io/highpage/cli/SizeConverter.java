// SPDX-License-Identifier: Apache-2.0
package io.highpage.cli;

import io.highpage.cli.console.Units;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes such as {@code 64K} of at least one byte. */
final class SizeConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        try {
            long bytes = Units.parseBytes(text);
            if (bytes < 1) {
                throw new TypeConversionException("'" + text + "' is below 1 byte");
            }
            return bytes;
        } catch (IllegalArgumentException bad) {
            throw new TypeConversionException(bad.getMessage());
        }
    }
}
