/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What drivers tell, kept until Java asks for it. A driver calls from any thread, and as late as it
 * likes, also when the process is at its end and there is no JVM any more: so nothing here enters
 * one.
 */
#include "highpage_internal.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ENDS 4096u
#define CONTEXTS 16u
#define WORDS 1024u
#define NANOS 1000000000ll

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Numbers of events that ended, the oldest one first. Guarded by the lock. */
static uint64_t ends[ENDS];
static uint64_t first, behind_last;

/* Rises with each of them; who waits for one sleeps on it. */
static _Atomic uint32_t tellings;

/* The last words about a context. Guarded by the lock. */
static struct {
    uint64_t number; /* 0 where there are none */
    uint64_t length;
    char text[WORDS];
} words[CONTEXTS];
static uint64_t replaced;

void hp_event_ended(void *event, int32_t status, void *number)
{
    (void)event;
    (void)status;
    int mine = errno;
    pthread_mutex_lock(&lock);
    if (number != NULL && behind_last - first < ENDS)
        ends[behind_last++ % ENDS] = (uintptr_t)number;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&tellings, 1);
    syscall(SYS_futex, &tellings, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = mine;
}

static uint64_t next(void)
{
    pthread_mutex_lock(&lock);
    uint64_t number = first < behind_last ? ends[first++ % ENDS] : 0;
    pthread_mutex_unlock(&lock);
    return number;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NANOS + time.tv_nsec;
}

uint64_t hp_next_ended(int64_t nanos)
{
    int mine = errno;
    int64_t start = now();
    for (;;) {
        uint32_t seen = atomic_load(&tellings); /* before the look: what comes after it wakes */
        uint64_t number = next();
        int64_t left = nanos - (now() - start);
        if (number != 0 || left <= 0) {
            errno = mine;
            return number;
        }
        const struct timespec most = {.tv_sec = left / NANOS, .tv_nsec = left % NANOS};
        syscall(SYS_futex, &tellings, FUTEX_WAIT_PRIVATE, seen, &most, NULL, 0);
    }
}

/* Where the words of a number are, or the place of those that were kept longest. */
static uint64_t place_of(uint64_t number)
{
    for (uint64_t i = 0; i < CONTEXTS; i++) {
        if (words[i].number == number)
            return i;
    }
    return replaced++ % CONTEXTS;
}

void hp_context_says(const char *text, const void *info, size_t bytes, void *number)
{
    (void)info;
    (void)bytes;
    if (text == NULL || number == NULL)
        return;
    pthread_mutex_lock(&lock);
    uint64_t place = place_of((uintptr_t)number);
    words[place].number = (uintptr_t)number;
    words[place].length = strnlen(text, WORDS);
    memcpy(words[place].text, text, words[place].length);
    pthread_mutex_unlock(&lock);
}

uint64_t hp_take_words(uint64_t number, char *to, uint64_t room)
{
    uint64_t length = 0;
    if (number == 0 || to == NULL)
        return 0;
    pthread_mutex_lock(&lock);
    for (uint64_t i = 0; i < CONTEXTS; i++) {
        if (words[i].number == number) {
            words[i].number = 0;
            length = words[i].length < room ? words[i].length : room;
            memcpy(to, words[i].text, length);
        }
    }
    pthread_mutex_unlock(&lock);
    return length;
}
