// SPDX-License-Identifier: Apache-2.0

// The element-wise kernels of docs/pipeline.md: one that is all transfer, one with real arithmetic.
kernel void scale(global const float *in, global float *out, float by) {
    size_t i = get_global_id(0);
    out[i] = in[i] * by;
}
kernel void heavy(global const float *in, global float *out, float by) {
    size_t i = get_global_id(0);
    float x = in[i] * by;
    for (int n = 0; n < 64; n++) {
        x = x * 0.999f + 0.5f;
    }
    out[i] = x;
}
