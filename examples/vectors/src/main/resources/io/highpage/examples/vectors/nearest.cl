// SPDX-License-Identifier: Apache-2.0

// A distance is the same on every device, to the last bit: the order of the sum is fixed, and no
// product and sum become one operation.
#pragma OPENCL FP_CONTRACT OFF

#define PARTS (DIMENSIONS / 16)

// Item (q, s): the K rows of slice s that are nearest to query q, nearest first, each as the bits
// of its distance and its number; of two at the same distance the one that came first.
kernel void nearest(
        global const float16 *rows, int count, global const float16 *queries, global int2 *hits) {
    int query = get_global_id(0);
    int slice = get_global_id(1);
    float distances[K];
    int numbers[K];
    for (int i = 0; i < K; i++) {
        distances[i] = INFINITY;
        numbers[i] = -1;
    }
    int end = min(count, (slice + 1) * SLICE);
    for (int row = slice * SLICE; row < end; row++) {
        float16 sums = 0;
        for (int part = 0; part < PARTS; part++) {
            float16 difference = rows[(size_t) row * PARTS + part] - queries[query * PARTS + part];
            float16 square = difference * difference;
            sums += square;
        }
        float8 eight = sums.lo + sums.hi;
        float4 four = eight.lo + eight.hi;
        float2 two = four.lo + four.hi;
        float distance = two.lo + two.hi;
        if (distance < distances[K - 1]) {
            int place = K - 1;
            for (; place > 0 && distance < distances[place - 1]; place--) {
                distances[place] = distances[place - 1];
                numbers[place] = numbers[place - 1];
            }
            distances[place] = distance;
            numbers[place] = row;
        }
    }
    global int2 *out = hits + ((size_t) slice * get_global_size(0) + query) * K;
    for (int i = 0; i < K; i++) {
        out[i] = (int2) (as_int(distances[i]), numbers[i]);
    }
}
