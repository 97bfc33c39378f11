// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

/**
 * An image of two dimensions as the driver is told of it.
 *
 * @param order its {@code image_channel_order}
 * @param type its {@code image_channel_data_type}
 * @param width pixels in a row
 * @param height rows
 * @param rowPitch bytes from row to row
 */
public record ClImageShape(int order, int type, long width, long height, long rowPitch) {
    @Override
    public String toString() {
        return "width=" + width + " height=" + height + " rowPitch=" + rowPitch
                + " channel_order=0x" + Integer.toHexString(order) + " channel_data_type=0x"
                + Integer.toHexString(type);
    }
}
