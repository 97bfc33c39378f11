/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include <stdlib.h>
#include <string.h>

cl_int answer(const char *call, const void *from, size_t size, size_t bytes, void *value,
              size_t *needed)
{
    if (is("SHIM_EMPTY", call))
        size = 0;
    if (value && bytes < size)
        return CL_INVALID_VALUE;
    if (value)
        memcpy(value, from, size);
    if (needed)
        *needed = size;
    return CL_SUCCESS;
}

/* \xNN in the text is a byte. */
cl_int answer_text(const char *call, const char *from, size_t bytes, void *value, size_t *needed)
{
    char text[256];
    size_t length = 0;
    while (*from && length < sizeof text - 1) {
        if (from[0] == '\\' && from[1] == 'x' && from[2] && from[3]) {
            text[length++] = (char)strtol((char[]){from[2], from[3], 0}, NULL, 16);
            from += 4;
        } else {
            text[length++] = *from++;
        }
    }
    text[length++] = 0;
    return answer(call, text, length, bytes, value, needed);
}

cl_int my_clGetDeviceInfo(cl_device_id device, cl_device_info what, size_t bytes, void *value,
                          size_t *needed)
{
    static const char call[] = "clGetDeviceInfo";
    cl_int code = enter(call);
    if (code)
        return code;
    cl_device_svm_capabilities svm = set.no_svm ? 0 : CL_DEVICE_SVM_COARSE_GRAIN_BUFFER;
    cl_ulong wide = 0;
    int narrow = -1;
    const char *text = NULL;
    switch (what) {
    case CL_DEVICE_SVM_CAPABILITIES:
        if (set.old)
            return CL_INVALID_VALUE;
        if (set.fine)
            svm |= CL_DEVICE_SVM_FINE_GRAIN_BUFFER;
        if (set.fine || set.coarse || set.no_svm)
            return answer(call, &svm, sizeof svm, bytes, value, needed);
        break;
    case CL_DEVICE_GLOBAL_MEM_SIZE: wide = (cl_ulong)set.memory; break;
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE: wide = (cl_ulong)set.max_alloc; break;
    case CL_DEVICE_TYPE: wide = (cl_ulong)number_of("SHIM_TYPE", 0); break;
    case CL_DEVICE_QUEUE_PROPERTIES:
        wide = is("SHIM_QUEUE", "in-order") ? CL_QUEUE_PROFILING_ENABLE : 0;
        break;
    case CL_DEVICE_MEM_BASE_ADDR_ALIGN: narrow = set.align ? (int)set.align : -1; break;
    case CL_DEVICE_IMAGE_PITCH_ALIGNMENT: narrow = set.image_pitch ? (int)set.image_pitch : -1; break;
    case CL_DEVICE_ADDRESS_BITS: narrow = (int)number_of("SHIM_ADDRESS_BITS", -1); break;
    case CL_DEVICE_AVAILABLE: narrow = (int)number_of("SHIM_AVAILABLE", -1); break;
    case CL_DEVICE_COMPILER_AVAILABLE: narrow = (int)number_of("SHIM_COMPILER", -1); break;
    case CL_DEVICE_NAME: text = text_of("SHIM_NAME"); break;
    case CL_DEVICE_PROFILE: text = text_of("SHIM_PROFILE"); break;
    case CL_DEVICE_VERSION: text = set.old ? "OpenCL 1.2 shim" : NULL; break;
    default: break;
    }
    if (wide)
        return answer(call, &wide, sizeof wide, bytes, value, needed);
    if (narrow >= 0)
        return answer(call, &narrow, sizeof narrow, bytes, value, needed);
    if (text || is("SHIM_EMPTY", call))
        return answer_text(call, text ? text : "", bytes, value, needed);
    return real.clGetDeviceInfo(device, what, bytes, value, needed);
}

cl_int my_clGetPlatformInfo(cl_platform_id platform, cl_platform_info what, size_t bytes,
                            void *value, size_t *needed)
{
    const char *name = text_of("SHIM_PLATFORM");
    return what == CL_PLATFORM_NAME && name
                   ? answer_text("clGetPlatformInfo", name, bytes, value, needed)
                   : real.clGetPlatformInfo(platform, what, bytes, value, needed);
}

cl_int my_clGetDeviceIDs(cl_platform_id platform, cl_device_type type, cl_uint n,
                         cl_device_id *ids, cl_uint *count)
{
    cl_int code = enter("clGetDeviceIDs");
    if (!code && is("SHIM_STRICT", "1") && type >> 32)
        code = CL_INVALID_DEVICE_TYPE;
    return code ? code : real.clGetDeviceIDs(platform, type, n, ids, count);
}

static bool refused(cl_bitfield properties)
{
    return is("SHIM_QUEUE", "in-order") && (properties & CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
}

/* A list of names and values that ends with 0. The names of OpenCL are small numbers. */
static bool ends(const char *call, const intptr_t *list)
{
    for (int i = 0; list && list[i]; i += 2) {
        if (list[i] < 0 || list[i] > 0xffff) {
            complain("%s: the list does not end with 0", call);
            return false;
        }
    }
    return true;
}

cl_context my_clCreateContext(const cl_context_properties *list, cl_uint n,
                              const cl_device_id *devices, context_notify notify, void *data,
                              cl_int *error)
{
    cl_int code = enter_alive("clCreateContext");
    ends("clCreateContext", list);
    listen(notify, data);
    cl_context context = code ? NULL : real.clCreateContext(list, n, devices, notify, data, &code);
    return made("contexts", context, code, error);
}

cl_command_queue my_clCreateCommandQueueWithProperties(cl_context context, cl_device_id device,
                                                       const cl_queue_properties *list,
                                                       cl_int *error)
{
    static const char call[] = "clCreateCommandQueueWithProperties";
    cl_int code = enter_alive(call);
    bool whole = ends(call, (const intptr_t *)list);
    for (int i = 0; !code && whole && list && list[i]; i += 2) {
        if (list[i] == CL_QUEUE_PROPERTIES && refused(list[i + 1]))
            code = CL_INVALID_QUEUE_PROPERTIES;
    }
    cl_command_queue queue =
        code ? NULL : real.clCreateCommandQueueWithProperties(context, device, list, &code);
    return made("queues", queue, code, error);
}

cl_command_queue my_clCreateCommandQueue(cl_context context, cl_device_id device,
                                         cl_command_queue_properties properties, cl_int *error)
{
    cl_int code = enter_alive("clCreateCommandQueue");
    if (!code && refused(properties))
        code = CL_INVALID_QUEUE_PROPERTIES;
    cl_command_queue queue =
        code ? NULL : real.clCreateCommandQueue(context, device, properties, &code);
    return made("queues", queue, code, error);
}
