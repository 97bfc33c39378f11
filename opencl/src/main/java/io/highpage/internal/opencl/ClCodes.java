// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.opencl;

import io.highpage.bindings.opencl.opencl_constants_h;

import java.util.HashMap;
import java.util.Map;

/** The names of OpenCL's result codes. */
final class ClCodes {
    /**
     * What the loader says when no driver is registered; from {@code cl_khr_icd}, so not in the
     * bindings.
     */
    static final int PLATFORM_NOT_FOUND_KHR = -1001;

    /**
     * NVIDIA's undocumented code for an illegal access by a kernel: the context is unusable from
     * then on.
     */
    static final int NVIDIA_ILLEGAL_ACCESS = -9999;

    /** An undocumented code of drivers whose device does not answer any more. */
    static final int DRIVER_GONE = -777;

    private static final Map<Integer, String> NAMES = names();

    private ClCodes() {}

    /** {@return the name and the number, such as {@code CL_OUT_OF_RESOURCES (-5)}} */
    static String describe(int code) {
        return NAMES.getOrDefault(code, "an unknown code") + " (" + code + ")";
    }

    /**
     * {@return an event's status, such as {@code -5 (if that is a result code: CL_OUT_OF_RESOURCES
     * (-5))}. A program may set any number for an event of its own}
     */
    static String describeStatus(int status) {
        return status
                + (NAMES.containsKey(status)
                        ? " (if that is a result code: " + describe(status) + ")"
                        : "");
    }

    /** {@return whether a code says that the device is gone, whatever call it came from} */
    static boolean saysGone(int code) {
        return code == opencl_constants_h.CL_DEVICE_NOT_AVAILABLE()
                || code == NVIDIA_ILLEGAL_ACCESS
                || code == DRIVER_GONE;
    }

    /**
     * {@return whether a code says that the device is gone, when it comes from a call on a context
     * and queue that are held: they were valid, and drivers make them invalid after a fault}
     */
    static boolean isLoss(int code) {
        return saysGone(code)
                || code == opencl_constants_h.CL_INVALID_COMMAND_QUEUE()
                || code == opencl_constants_h.CL_INVALID_CONTEXT();
    }

    /**
     * {@return whether a code says that there is no memory, as drivers put it when they allocate or
     * use memory first}
     */
    static boolean isNoRoom(int code) {
        return code == opencl_constants_h.CL_MEM_OBJECT_ALLOCATION_FAILURE()
                || code == opencl_constants_h.CL_OUT_OF_RESOURCES()
                || code == opencl_constants_h.CL_OUT_OF_HOST_MEMORY()
                || code == opencl_constants_h.CL_INVALID_BUFFER_SIZE();
    }

    private static Map<Integer, String> names() {
        Map<Integer, String> names = new HashMap<>();
        names.put(opencl_constants_h.CL_SUCCESS(), "CL_SUCCESS");
        names.put(opencl_constants_h.CL_DEVICE_NOT_FOUND(), "CL_DEVICE_NOT_FOUND");
        names.put(opencl_constants_h.CL_DEVICE_NOT_AVAILABLE(), "CL_DEVICE_NOT_AVAILABLE");
        names.put(opencl_constants_h.CL_COMPILER_NOT_AVAILABLE(), "CL_COMPILER_NOT_AVAILABLE");
        names.put(
                opencl_constants_h.CL_MEM_OBJECT_ALLOCATION_FAILURE(),
                "CL_MEM_OBJECT_ALLOCATION_FAILURE");
        names.put(opencl_constants_h.CL_OUT_OF_RESOURCES(), "CL_OUT_OF_RESOURCES");
        names.put(opencl_constants_h.CL_OUT_OF_HOST_MEMORY(), "CL_OUT_OF_HOST_MEMORY");
        names.put(
                opencl_constants_h.CL_PROFILING_INFO_NOT_AVAILABLE(),
                "CL_PROFILING_INFO_NOT_AVAILABLE");
        names.put(opencl_constants_h.CL_MEM_COPY_OVERLAP(), "CL_MEM_COPY_OVERLAP");
        names.put(opencl_constants_h.CL_IMAGE_FORMAT_MISMATCH(), "CL_IMAGE_FORMAT_MISMATCH");
        names.put(
                opencl_constants_h.CL_IMAGE_FORMAT_NOT_SUPPORTED(),
                "CL_IMAGE_FORMAT_NOT_SUPPORTED");
        names.put(opencl_constants_h.CL_MAP_FAILURE(), "CL_MAP_FAILURE");
        names.put(
                opencl_constants_h.CL_MISALIGNED_SUB_BUFFER_OFFSET(),
                "CL_MISALIGNED_SUB_BUFFER_OFFSET");
        names.put(
                opencl_constants_h.CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST(),
                "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST");
        names.put(opencl_constants_h.CL_COMPILE_PROGRAM_FAILURE(), "CL_COMPILE_PROGRAM_FAILURE");
        names.put(opencl_constants_h.CL_LINKER_NOT_AVAILABLE(), "CL_LINKER_NOT_AVAILABLE");
        names.put(opencl_constants_h.CL_LINK_PROGRAM_FAILURE(), "CL_LINK_PROGRAM_FAILURE");
        names.put(opencl_constants_h.CL_DEVICE_PARTITION_FAILED(), "CL_DEVICE_PARTITION_FAILED");
        names.put(
                opencl_constants_h.CL_KERNEL_ARG_INFO_NOT_AVAILABLE(),
                "CL_KERNEL_ARG_INFO_NOT_AVAILABLE");
        names.put(opencl_constants_h.CL_INVALID_VALUE(), "CL_INVALID_VALUE");
        names.put(opencl_constants_h.CL_INVALID_DEVICE_TYPE(), "CL_INVALID_DEVICE_TYPE");
        names.put(opencl_constants_h.CL_INVALID_PLATFORM(), "CL_INVALID_PLATFORM");
        names.put(opencl_constants_h.CL_INVALID_DEVICE(), "CL_INVALID_DEVICE");
        names.put(opencl_constants_h.CL_INVALID_CONTEXT(), "CL_INVALID_CONTEXT");
        names.put(opencl_constants_h.CL_INVALID_QUEUE_PROPERTIES(), "CL_INVALID_QUEUE_PROPERTIES");
        names.put(opencl_constants_h.CL_INVALID_COMMAND_QUEUE(), "CL_INVALID_COMMAND_QUEUE");
        names.put(opencl_constants_h.CL_INVALID_HOST_PTR(), "CL_INVALID_HOST_PTR");
        names.put(opencl_constants_h.CL_INVALID_MEM_OBJECT(), "CL_INVALID_MEM_OBJECT");
        names.put(
                opencl_constants_h.CL_INVALID_IMAGE_FORMAT_DESCRIPTOR(),
                "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR");
        names.put(opencl_constants_h.CL_INVALID_IMAGE_SIZE(), "CL_INVALID_IMAGE_SIZE");
        names.put(opencl_constants_h.CL_INVALID_SAMPLER(), "CL_INVALID_SAMPLER");
        names.put(opencl_constants_h.CL_INVALID_BINARY(), "CL_INVALID_BINARY");
        names.put(opencl_constants_h.CL_INVALID_BUILD_OPTIONS(), "CL_INVALID_BUILD_OPTIONS");
        names.put(opencl_constants_h.CL_INVALID_PROGRAM(), "CL_INVALID_PROGRAM");
        names.put(
                opencl_constants_h.CL_INVALID_PROGRAM_EXECUTABLE(),
                "CL_INVALID_PROGRAM_EXECUTABLE");
        names.put(opencl_constants_h.CL_INVALID_KERNEL_NAME(), "CL_INVALID_KERNEL_NAME");
        names.put(
                opencl_constants_h.CL_INVALID_KERNEL_DEFINITION(), "CL_INVALID_KERNEL_DEFINITION");
        names.put(opencl_constants_h.CL_INVALID_KERNEL(), "CL_INVALID_KERNEL");
        names.put(opencl_constants_h.CL_INVALID_ARG_INDEX(), "CL_INVALID_ARG_INDEX");
        names.put(opencl_constants_h.CL_INVALID_ARG_VALUE(), "CL_INVALID_ARG_VALUE");
        names.put(opencl_constants_h.CL_INVALID_ARG_SIZE(), "CL_INVALID_ARG_SIZE");
        names.put(opencl_constants_h.CL_INVALID_KERNEL_ARGS(), "CL_INVALID_KERNEL_ARGS");
        names.put(opencl_constants_h.CL_INVALID_WORK_DIMENSION(), "CL_INVALID_WORK_DIMENSION");
        names.put(opencl_constants_h.CL_INVALID_WORK_GROUP_SIZE(), "CL_INVALID_WORK_GROUP_SIZE");
        names.put(opencl_constants_h.CL_INVALID_WORK_ITEM_SIZE(), "CL_INVALID_WORK_ITEM_SIZE");
        names.put(opencl_constants_h.CL_INVALID_GLOBAL_OFFSET(), "CL_INVALID_GLOBAL_OFFSET");
        names.put(opencl_constants_h.CL_INVALID_EVENT_WAIT_LIST(), "CL_INVALID_EVENT_WAIT_LIST");
        names.put(opencl_constants_h.CL_INVALID_EVENT(), "CL_INVALID_EVENT");
        names.put(opencl_constants_h.CL_INVALID_OPERATION(), "CL_INVALID_OPERATION");
        names.put(opencl_constants_h.CL_INVALID_GL_OBJECT(), "CL_INVALID_GL_OBJECT");
        names.put(opencl_constants_h.CL_INVALID_BUFFER_SIZE(), "CL_INVALID_BUFFER_SIZE");
        names.put(opencl_constants_h.CL_INVALID_MIP_LEVEL(), "CL_INVALID_MIP_LEVEL");
        names.put(opencl_constants_h.CL_INVALID_GLOBAL_WORK_SIZE(), "CL_INVALID_GLOBAL_WORK_SIZE");
        names.put(opencl_constants_h.CL_INVALID_PROPERTY(), "CL_INVALID_PROPERTY");
        names.put(opencl_constants_h.CL_INVALID_IMAGE_DESCRIPTOR(), "CL_INVALID_IMAGE_DESCRIPTOR");
        names.put(opencl_constants_h.CL_INVALID_COMPILER_OPTIONS(), "CL_INVALID_COMPILER_OPTIONS");
        names.put(opencl_constants_h.CL_INVALID_LINKER_OPTIONS(), "CL_INVALID_LINKER_OPTIONS");
        names.put(
                opencl_constants_h.CL_INVALID_DEVICE_PARTITION_COUNT(),
                "CL_INVALID_DEVICE_PARTITION_COUNT");
        names.put(opencl_constants_h.CL_INVALID_PIPE_SIZE(), "CL_INVALID_PIPE_SIZE");
        names.put(opencl_constants_h.CL_INVALID_DEVICE_QUEUE(), "CL_INVALID_DEVICE_QUEUE");
        names.put(opencl_constants_h.CL_INVALID_SPEC_ID(), "CL_INVALID_SPEC_ID");
        names.put(
                opencl_constants_h.CL_MAX_SIZE_RESTRICTION_EXCEEDED(),
                "CL_MAX_SIZE_RESTRICTION_EXCEEDED");
        names.put(PLATFORM_NOT_FOUND_KHR, "CL_PLATFORM_NOT_FOUND_KHR");
        names.put(NVIDIA_ILLEGAL_ACCESS, "NVIDIA: illegal memory access by a kernel");
        names.put(DRIVER_GONE, "the device does not answer any more");
        return Map.copyOf(names);
    }
}
