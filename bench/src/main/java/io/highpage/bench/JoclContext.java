// SPDX-License-Identifier: Apache-2.0
package io.highpage.bench;

import io.highpage.jocl.Jocl;
import io.highpage.opencl.OpenClDevice;

import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;

/**
 * A context of JOCL's own on the device that Highpage found.
 *
 * @param device JOCL's
 * @param context with that device alone
 */
public record JoclContext(cl_device_id device, cl_context context) {
    /**
     * {@return a new one}
     *
     * @param same Highpage's device
     */
    public static JoclContext of(OpenClDevice same) {
        Jocl.load(); // not what somebody else left in the temporary folder
        CL.setExceptionsEnabled(true);
        cl_device_id device = Jocl.deviceId(same);
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL.CL_CONTEXT_PLATFORM, Jocl.platformId(same));
        return new JoclContext(
                device,
                CL.clCreateContext(properties, 1, new cl_device_id[] {device}, null, null, null));
    }

    /** {@return a new queue, in order} */
    // The call of OpenCL 1.0: older drivers have no other, and calling one that is not there is a
    // crash.
    @SuppressWarnings("deprecation")
    public cl_command_queue queue() {
        return CL.clCreateCommandQueue(context, device, 0, null);
    }
}
