/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

/* With SHIM_DRIVER=none: a driver that is installed where the device is not, or is broken. */

static struct _cl_icd_dispatch table;
static struct {
    struct _cl_icd_dispatch *table;
} platform = {&table};

cl_int nothing_says(const char *call, cl_platform_info what, size_t bytes, void *value,
                    size_t *needed)
{
    switch (what) {
    case CL_PLATFORM_NAME:
    case CL_PLATFORM_VENDOR:
        return answer_text(call, text_of("SHIM_NAME") ? text_of("SHIM_NAME") : "Nothing", bytes,
                           value, needed);
    case CL_PLATFORM_VERSION: return answer_text(call, "OpenCL 1.2 shim", bytes, value, needed);
    case CL_PLATFORM_PROFILE: return answer_text(call, "FULL_PROFILE", bytes, value, needed);
    case CL_PLATFORM_EXTENSIONS: return answer_text(call, "cl_khr_icd", bytes, value, needed);
    case CL_PLATFORM_ICD_SUFFIX_KHR: return answer_text(call, "SHIM", bytes, value, needed);
    default: return CL_INVALID_VALUE;
    }
}

static cl_int asked(cl_platform_id id, cl_platform_info what, size_t bytes, void *value,
                    size_t *needed)
{
    (void)id;
    cl_int code = enter("clGetPlatformInfo");
    return code ? code : nothing_says("clGetPlatformInfo", what, bytes, value, needed);
}

static cl_int no_devices(cl_platform_id id, cl_device_type type, cl_uint n, cl_device_id *ids,
                         cl_uint *count)
{
    (void)id;
    (void)n;
    (void)ids;
    (void)count;
    cl_int code = enter("clGetDeviceIDs");
    if (!code && is("SHIM_STRICT", "1") && type >> 32)
        code = CL_INVALID_DEVICE_TYPE;
    return code ? code : CL_DEVICE_NOT_FOUND;
}

cl_platform_id platform_without_driver(void)
{
    table.clGetPlatformInfo = asked;
    table.clGetDeviceIDs = no_devices;
    return (cl_platform_id)&platform;
}
