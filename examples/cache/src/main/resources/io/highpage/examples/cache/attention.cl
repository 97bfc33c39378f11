// SPDX-License-Identifier: Apache-2.0

// A block has, for each layer, the keys of TOKENS tokens and then their values, WIDTH floats each.
#define KEYS(layer) ((size_t) (layer) * 2 * TOKENS * WIDTH)
#define VALUES(layer) (KEYS(layer) + TOKENS * WIDTH)

// What a block says for a head: the largest score, the sum of the weights, the weighted values.
#define PARTIAL (HEAD + 2)

#define GROUP 64

// y = x, shifted and scaled to mean 0 and variance 1. One group of GROUP items.
kernel void normalise(global const float *x, global float *y) {
    local float sums[GROUP];
    local float squares[GROUP];
    int item = get_local_id(0);
    float sum = 0;
    float square = 0;
    for (int i = item; i < WIDTH; i += GROUP) {
        sum += x[i];
        square += x[i] * x[i];
    }
    sums[item] = sum;
    squares[item] = square;
    barrier(CLK_LOCAL_MEM_FENCE);
    sum = 0;
    square = 0;
    for (int i = 0; i < GROUP; i++) {
        sum += sums[i];
        square += squares[i];
    }
    float mean = sum / WIDTH;
    float scale = rsqrt(square / WIDTH - mean * mean + 1e-5f);
    for (int i = item; i < WIDTH; i += GROUP) {
        y[i] = (x[i] - mean) * scale;
    }
}

// out = matrix x, or out += matrix x. An item a row.
kernel void project(
        global const float *matrix, global const float *x, global float *out, int add) {
    size_t row = get_global_id(0);
    float16 sums = 0;
    for (int part = 0; part < WIDTH / 16; part++) {
        sums += vload16(part, matrix + row * WIDTH) * vload16(part, x);
    }
    float8 eight = sums.lo + sums.hi;
    float4 four = eight.lo + eight.hi;
    float sum = four.x + four.y + four.z + four.w;
    out[row] = add ? out[row] + sum : sum;
}

// Puts a token's key and value into its place in a block. An item a float.
kernel void store(global const float *qkv, global float *block, int layer, int place) {
    int i = get_global_id(0);
    block[KEYS(layer) + place * WIDTH + i] = qkv[WIDTH + i];
    block[VALUES(layer) + place * WIDTH + i] = qkv[2 * WIDTH + i];
}

// A query over the first tokens of one block. A group a head, an item a float of the head.
kernel void attend(
        global const float *qkv, global const float *block, int layer, int tokens,
        global float *partials, int number) {
    local float scores[TOKENS];
    int head = get_group_id(0);
    int item = get_local_id(0);
    global const float *query = qkv + head * HEAD;
    global const float *keys = block + KEYS(layer) + head * HEAD;
    global const float *values = block + VALUES(layer) + head * HEAD;
    for (int token = item; token < tokens; token += HEAD) {
        float score = 0;
        for (int i = 0; i < HEAD; i++) {
            score += query[i] * keys[token * WIDTH + i];
        }
        scores[token] = score * rsqrt((float) HEAD);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    float largest = scores[0];
    for (int token = 1; token < tokens; token++) {
        largest = fmax(largest, scores[token]);
    }
    float weights = 0;
    float sum = 0;
    for (int token = 0; token < tokens; token++) {
        float weight = exp(scores[token] - largest);
        weights += weight;
        sum += weight * values[token * WIDTH + item];
    }
    global float *partial = partials + ((size_t) number * HEADS + head) * PARTIAL;
    partial[2 + item] = sum;
    if (item == 0) {
        partial[0] = largest;
        partial[1] = weights;
    }
}

// What the blocks of a request say together. An item a float.
kernel void combine(global const float *partials, int blocks, global float *out) {
    int head = get_global_id(0) / HEAD;
    int item = get_global_id(0) % HEAD;
    float largest = -INFINITY;
    for (int block = 0; block < blocks; block++) {
        largest = fmax(largest, partials[((size_t) block * HEADS + head) * PARTIAL]);
    }
    float weights = 0;
    float sum = 0;
    for (int block = 0; block < blocks; block++) {
        global const float *partial = partials + ((size_t) block * HEADS + head) * PARTIAL;
        float scale = exp(partial[0] - largest);
        weights += scale * partial[1];
        sum += scale * partial[2 + item];
    }
    out[get_global_id(0)] = sum / weights;
}
