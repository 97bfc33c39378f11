// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

import java.util.stream.Stream;

/**
 * A context of JOCL's own on the device that Highpage found.
 *
 * @param device JOCL's
 * @param context with that device alone
 */
record JoclContext(cl_device_id device, cl_context context) {
    /** JOCL's has 64 ones; OpenCL's has 32, and some drivers refuse the others. */
    private static final long ALL = Integer.toUnsignedLong((int) CL.CL_DEVICE_TYPE_ALL);

    static JoclContext of(OpenClDevice same) {
        Jocl.load(); // not what somebody else left in the temporary folder
        CL.setExceptionsEnabled(true);
        cl_platform_id platform = platform(same);
        cl_device_id device = device(platform, same);
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL.CL_CONTEXT_PLATFORM, platform);
        return new JoclContext(
                device,
                CL.clCreateContext(properties, 1, new cl_device_id[] {device}, null, null, null));
    }

    private static cl_platform_id platform(OpenClDevice same) {
        int[] count = new int[1];
        CL.clGetPlatformIDs(0, null, count);
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        CL.clGetPlatformIDs(platforms.length, platforms, null);
        return Stream.of(platforms)
                .filter(each -> each.getNativePointer() == same.nativePlatform().address())
                .findFirst()
                .orElseThrow();
    }

    private static cl_device_id device(cl_platform_id platform, OpenClDevice same) {
        int[] count = new int[1];
        CL.clGetDeviceIDs(platform, ALL, 0, null, count);
        cl_device_id[] devices = new cl_device_id[count[0]];
        CL.clGetDeviceIDs(platform, ALL, devices.length, devices, null);
        return Stream.of(devices)
                .filter(each -> each.getNativePointer() == same.nativeDevice().address())
                .findFirst()
                .orElseThrow();
    }

    // The call of OpenCL 1.0: older drivers have no other, and calling one that is not there is a
    // crash.
    @SuppressWarnings("deprecation")
    cl_command_queue queue() {
        return CL.clCreateCommandQueue(context, device, 0, null);
    }
}
