// SPDX-License-Identifier: Apache-2.0

// Mixes every word with its number in the file. The launch may have more items than there are words.
kernel void mix_words(global uint *words, ulong count, uint first) {
    size_t i = get_global_id(0);
    if (i < count) {
        uint mixed = words[i] ^ ((first + (uint) i) * 0x9e3779b9u);
        mixed = rotate(mixed, 13u) * 0x85ebca6bu;
        words[i] = mixed ^ (mixed >> 16);
    }
}

// Adds all words to a sum that starts at zero, whatever the number of items.
kernel void sum_words(global const uint *words, ulong count, global uint *sum) {
    uint part = 0;
    for (ulong i = get_global_id(0); i < count; i += get_global_size(0)) {
        part += words[i];
    }
    atomic_add(sum, part);
}
