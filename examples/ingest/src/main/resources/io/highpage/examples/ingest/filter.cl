// SPDX-License-Identifier: Apache-2.0
//
// Keeps the records whose value is high enough, in their order. A work-item has a block of records.

#define BLOCK 64

// How many records of each block are kept.
kernel void count(global const uint16 *in, uint records, float threshold, global uint *places) {
    uint first = get_global_id(0) * BLOCK;
    uint end = min(first + BLOCK, records);
    uint kept = 0;
    for (uint record = first; record < end; record++) {
        kept += as_float(in[record].s3) >= threshold;
    }
    places[get_global_id(0)] = kept;
}

// Where the kept ones of each block go, and behind the last block how many there are. One work-item.
kernel void place(global uint *places, uint blocks) {
    uint next = 0;
    for (uint block = 0; block < blocks; block++) {
        uint kept = places[block];
        places[block] = next;
        next += kept;
    }
    places[blocks] = next;
}

kernel void keep(global const uint16 *in, uint records, float threshold, global const uint *places, global uint16 *out) {
    uint first = get_global_id(0) * BLOCK;
    uint end = min(first + BLOCK, records);
    uint next = places[get_global_id(0)];
    for (uint record = first; record < end; record++) {
        uint16 words = in[record];
        if (as_float(words.s3) >= threshold) {
            out[next++] = words;
        }
    }
}
