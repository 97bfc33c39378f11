/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what drivers call, called as they do: from any thread, often, late. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "highpage.h"

#define KEPT 4096
#define WORDS 1024
#define THREADS 4
#define EACH 50000
#define SECOND 1000000000ll

static void ends(uint64_t number)
{
    hp_event_ended(NULL, 0, (void *)(uintptr_t)number);
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void ends_come_in_their_order(void)
{
    CHECK(hp_next_ended(0) == 0);
    ends(7);
    ends(0); /* none */
    ends(UINT64_MAX);
    ends(7);
    CHECK(hp_next_ended(0) == 7);
    CHECK(hp_next_ended(SECOND) == UINT64_MAX);
    CHECK(hp_next_ended(0) == 7);
    CHECK(hp_next_ended(-1) == 0);
}

static void what_nobody_asks_for_is_dropped(void)
{
    for (uint64_t i = 1; i <= KEPT + 10; i++)
        ends(i);
    for (uint64_t i = 1; i <= KEPT; i++)
        CHECK(hp_next_ended(0) == i);
    CHECK(hp_next_ended(0) == 0);
    ends(3);
    CHECK(hp_next_ended(0) == 3);
}

static void *ends_later(void *unused)
{
    (void)unused;
    usleep(50000);
    ends(11);
    return NULL;
}

static void who_waits_is_woken_or_has_waited(void)
{
    int64_t start = now();
    errno = 77;
    CHECK(hp_next_ended(SECOND / 50) == 0);
    CHECK(now() - start >= SECOND / 50);
    CHECK(errno == 77);

    pthread_t thread;
    start = now();
    pthread_create(&thread, NULL, ends_later, NULL);
    CHECK(hp_next_ended(60 * SECOND) == 11);
    CHECK(now() - start < 30 * SECOND);
    pthread_join(thread, NULL);
    errno = 78;
    ends(12);
    CHECK(errno == 78);
    CHECK(hp_next_ended(0) == 12);
}

static uint64_t received; /* written by the one who asks, read by those who tell */
static bool over;         /* as that */

/* Never more at once than are kept. */
static void *ends_many(void *first)
{
    for (uint64_t i = 0; i < EACH; i++) {
        while (i > KEPT / THREADS / 2 + __atomic_load_n(&received, __ATOMIC_RELAXED) / THREADS &&
               !__atomic_load_n(&over, __ATOMIC_RELAXED))
            usleep(10);
        ends((uintptr_t)first + i);
    }
    return NULL;
}

static void ends_of_many_threads_come_once(void)
{
    static unsigned char seen[THREADS * EACH];
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, ends_many, (void *)(i * EACH + 1));
    uint64_t twice = 0;
    for (uint64_t number; (number = hp_next_ended(SECOND)) != 0;) {
        twice += seen[number - 1]++;
        __atomic_add_fetch(&received, 1, __ATOMIC_RELAXED);
        if (received == THREADS * EACH)
            break;
    }
    __atomic_store_n(&over, true, __ATOMIC_RELAXED);
    CHECK(received == THREADS * EACH);
    CHECK(twice == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void says(const char *text, uint64_t number)
{
    hp_context_says(text, NULL, 0, (void *)(uintptr_t)number);
}

static bool takes(uint64_t number, const char *text)
{
    char words[WORDS];
    uint64_t length = hp_take_words(number, words, sizeof words);
    return length == strlen(text) && memcmp(words, text, length) == 0;
}

static void words_are_of_their_number(void)
{
    says("earlier", 5);
    says("later", 5);
    says("of another", 6);
    says("of none", 0);
    says(NULL, 5);
    CHECK(takes(5, "later"));
    CHECK(takes(5, ""));
    CHECK(takes(6, "of another"));
    CHECK(takes(0, ""));
    CHECK(hp_take_words(6, NULL, 9) == 0);
}

static void long_words_are_cut_and_many_replace_the_oldest(void)
{
    static char endless[2 * WORDS];
    char words[WORDS];
    memset(endless, 'x', sizeof endless);
    says(endless, 9);
    CHECK(hp_take_words(9, words, sizeof words) == WORDS);
    CHECK(memcmp(words, endless, sizeof words) == 0);
    says("too long", 9);
    CHECK(hp_take_words(9, words, 3) == 3);
    CHECK(memcmp(words, "toox", 4) == 0);
    for (uint64_t i = 100; i < 120; i++)
        says("words", i);
    int kept = 0;
    for (uint64_t i = 100; i < 120; i++)
        kept += takes(i, "words");
    CHECK(kept == 16);
    says("words", 119);
    CHECK(takes(119, "words"));
}

int main(void)
{
    ends_come_in_their_order();
    what_nobody_asks_for_is_dropped();
    who_waits_is_woken_or_has_waited();
    ends_of_many_threads_come_once();
    words_are_of_their_number();
    long_words_are_cut_and_many_replace_the_oldest();
    return checked();
}
