// SPDX-License-Identifier: Apache-2.0

// Makes words, others for each seed.
kernel void fill(global uint *words, uint seed) {
    uint number = get_global_id(0);
    uint word = (number + seed) * 2654435761u;
    words[number] = word ^ word >> 15;
}

// A checksum that tells where each word is. A work-item has a part of the words.
kernel void checksum(global const uint *words, uint count, global ulong *sums) {
    uint items = get_global_size(0);
    uint item = get_global_id(0);
    ulong sum = 0;
    for (uint number = item; number < count; number += items) {
        sum += words[number] * (2ul * number + 1);
    }
    sums[item] = sum;
}
