// SPDX-License-Identifier: Apache-2.0
package io.highpage.opencl;

import static io.highpage.bindings.opencl.opencl_constants_h.CL_BGRA;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_FLOAT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_HALF_FLOAT;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_R;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_RG;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_RGBA;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SIGNED_INT16;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SIGNED_INT32;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SIGNED_INT8;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SNORM_INT16;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_SNORM_INT8;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_UNORM_INT16;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_UNORM_INT8;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_UNSIGNED_INT16;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_UNSIGNED_INT32;
import static io.highpage.bindings.opencl.opencl_constants_h.CL_UNSIGNED_INT8;

import io.highpage.internal.opencl.ClImageShape;

import java.util.Map;

/**
 * How the bytes of an access are an image of two dimensions, see {@link OpenClDevice#image}:
 * OpenCL's constants for the format, width and height in pixels, and from row to row so many bytes.
 * Immutable, hence thread-safe.
 */
public final class ImageLayout {
    private static final Map<Integer, Integer> CHANNELS =
            Map.of(CL_R(), 1, CL_RG(), 2, CL_RGBA(), 4, CL_BGRA(), 4);
    private static final Map<Integer, Integer> BYTES = Map.ofEntries(
            Map.entry(CL_SNORM_INT8(), 1),
            Map.entry(CL_UNORM_INT8(), 1),
            Map.entry(CL_SIGNED_INT8(), 1),
            Map.entry(CL_UNSIGNED_INT8(), 1),
            Map.entry(CL_SNORM_INT16(), 2),
            Map.entry(CL_UNORM_INT16(), 2),
            Map.entry(CL_SIGNED_INT16(), 2),
            Map.entry(CL_UNSIGNED_INT16(), 2),
            Map.entry(CL_HALF_FLOAT(), 2),
            Map.entry(CL_SIGNED_INT32(), 4),
            Map.entry(CL_UNSIGNED_INT32(), 4),
            Map.entry(CL_FLOAT(), 4));

    private final ClImageShape shape;
    private final int pixelBytes;

    private ImageLayout(ClImageShape shape, int pixelBytes) {
        if (shape.width() > Long.MAX_VALUE / pixelBytes
                || shape.rowPitch() > Long.MAX_VALUE / shape.height()) {
            throw new IllegalArgumentException(
                    "an image with " + shape + " has more bytes than there can be");
        }
        this.shape = shape;
        this.pixelBytes = pixelBytes;
    }

    /**
     * {@return an image whose rows follow each other without a gap}
     *
     * @param channelOrder {@code CL_R}, {@code CL_RG}, {@code CL_RGBA} or {@code CL_BGRA}
     * @param channelType such as {@code CL_UNORM_INT8} or {@code CL_FLOAT}: integers of 8 and 16
     *     bits, plain and normalized, of 32 bits plain, {@code CL_HALF_FLOAT}, {@code CL_FLOAT}
     * @param width pixels in a row, at least 1
     * @param height rows, at least 1
     * @throws IllegalArgumentException if the format is another, or there are no pixels or too many
     */
    public static ImageLayout of(int channelOrder, int channelType, long width, long height) {
        Integer channels = CHANNELS.get(channelOrder);
        Integer bytes = BYTES.get(channelType);
        if (channels == null || bytes == null) {
            throw new IllegalArgumentException("channel_order=0x"
                    + Integer.toHexString(channelOrder) + " channel_data_type=0x"
                    + Integer.toHexString(channelType)
                    + " is no format for an image over a buffer: it has to be CL_R, CL_RG, CL_RGBA"
                    + " or CL_BGRA of 8, 16 or 32 bits");
        }
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "an image has pixels: width=" + width + " height=" + height);
        }
        int pixel = channels * bytes;
        long pitch = width > Long.MAX_VALUE / pixel ? Long.MAX_VALUE : width * pixel; // refused
        return new ImageLayout(
                new ClImageShape(channelOrder, channelType, width, height, pitch), pixel);
    }

    /**
     * {@return the same with rows at a given distance}
     *
     * @param bytes from the start of a row to the next one's; at least those of a row
     * @throws IllegalArgumentException if it is less, or too much
     */
    public ImageLayout rowPitch(long bytes) {
        if (bytes < shape.width() * pixelBytes) {
            throw new IllegalArgumentException("rowPitch=" + bytes + " is less than a row: "
                    + shape.width() + " pixels of " + pixelBytes + " bytes");
        }
        return new ImageLayout(
                new ClImageShape(shape.order(), shape.type(), shape.width(), shape.height(), bytes),
                pixelBytes);
    }

    ClImageShape shape() {
        return shape;
    }

    int pixelBytes() {
        return pixelBytes;
    }

    /** {@return from the first byte to the last one's end} */
    long byteSize() {
        return shape.rowPitch() * shape.height();
    }

    /** {@return sizes and format} */
    @Override
    public String toString() {
        return shape.toString();
    }
}
