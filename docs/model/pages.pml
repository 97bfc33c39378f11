// SPDX-License-Identifier: Apache-2.0
//
// The page protocol of docs/concurrency.md, small enough for Spin to look at every interleaving.
//
//     spin -a -DCAST=1 pages.pml && cc -O2 -DSAFETY -DCOLLAPSE -DNOCLAIM -o pan pan.c && ./pan -m4000000 -w25
//     spin -a -DCAST=3 pages.pml && cc -O2 -DCOLLAPSE -DNFAIR=3 -o pan pan.c && ./pan -a -f -m4000000
//
// and for a counterexample in words: spin -t -p -g -DCAST=1 pages.pml. All threads on two pages are
// more than a test has time for, so there are five casts:
//
// CAST 0: all threads, one page
// CAST 1: pinner, whole-buffer pinner, movers out and home; two pages
// CAST 2: pinner, holder, mover out, closer; two pages
// CAST 3: pinner, movers, closer; one page; no page is locked for ever
// CAST 4: as 3, with driver calls that do not return, that are given up while the driver goes on,
//         and kernels whose end the driver cannot tell; nobody waits for ever for a call of another thread
//
// io.highpage.docs.PageModelTest runs them all, and every weakened model: spin -a -DWEAKEN=n.
//
// One statement below is one atomic step of the code. A compare-and-set loop (read the word,
// decide, swap, or start over) is one step that decides and changes: a swap succeeds only on the
// word that was decided on. Deciding on two words, as on a page and on its buffer, is two steps
// here as there. Deadlines are a choice: whoever waits may give up at any time. Spin's memory is
// sequentially consistent; that the orders named in the code are enough is what stress/ tests.
//
// Left out: WANTED and COMMITTED (advice, and host memory only; so DISCARD is a put-back here), several devices, the size of
// counts, and the words of a buffer after it was closed, which the JVM guards.

#ifndef WEAKEN
#define WEAKEN 0
#endif
#ifndef CAST
#define CAST 0
#endif
#if CAST == 0 || CAST >= 3
#define PAGES 1
#else
#define PAGES 2
#endif

// ---- the weakened models, and what each breaks ----
//
// WEAKEN 1 in CAST 1: publish the page, then copy its bytes
// WEAKEN 2 in CAST 1: lock the page, then count it as away
// WEAKEN 3 in CAST 1: take the page off the away count, then publish it
// WEAKEN 4 in CAST 2: lock without looking at the counts
// WEAKEN 5 in CAST 2: close without marking the pages
// WEAKEN 6 in CAST 1: let pages leave though the whole buffer is pinned
// WEAKEN 7 in CAST 1: pin the whole buffer though pages are away
// WEAKEN 8 in CAST 1: do not put back after a failed copy
// WEAKEN 9 in CAST 1: publish the page, then count the pin
// WEAKEN 10 in CAST 2: give back the whole range after a failure, not only what was counted
// WEAKEN 11 in CAST 1: wait for the next page while owning one
// WEAKEN 12 in CAST 1: do not take pages that came back off the away count
// WEAKEN 13 in CAST 2: count by load and store, not by compare-and-set
// WEAKEN 14 in CAST 1: pin a page where it is, as a hold does
// WEAKEN 15 in CAST 2: look for a held page at home if it is not on a device, though it may be lost
// WEAKEN 16 in CAST 1: take a page for lost if its device is lost while it is copied there
// WEAKEN 17 in CAST 4: give memory back though the driver may still write to it
// WEAKEN 18 in CAST 4: take a kernel for ended whose end the driver could not tell
// WEAKEN 19 in CAST 4: put a page back, on a device that is not lost, while the driver may go on
// with its copy
// WEAKEN 20 in CAST 4, with fair threads: wait for moving pages without a deadline

// ---- the words ----

#define ABSENT 0
#define HOST 1
#define DEVICE 2
#define LOST 3
#define FILLING_HOST 4 // this and all that follow are moving: one operation owns the page
#define FILLING_DEVICE 5
#define MOVING_TO_DEVICE 6
#define MOVING_TO_HOST 7

typedef Page {
    byte state;
    byte count[3];
    bool closed
}
Page page[PAGES]; // the page words
byte wholePins;   // the buffer word, with the two below
byte away = PAGES;
bool closed;

#define PINS 0
#define HOLDS 1
#define ACCESSES 2

#define moving(p) (page[p].state >= FILLING_HOST)
#define counted(p) (page[p].count[PINS] + page[p].count[HOLDS] + page[p].count[ACCESSES] > 0)
#define inTheWay(p) (moving(p) || page[p].state == DEVICE && counted(p))
#define bit(p) (1 << (p))

// ---- the bytes: a version for each place, counted modulo 2 ----

#define GARBAGE 2
byte host[PAGES];   // the host window: fresh memory is zero
byte device[PAGES]; // the device window: garbage at first
byte latest[PAGES]; // the version last written, wherever that was


// ---- what the properties are about, besides the words ----

byte busy; // operations under way
bool gone; // the buffer's memory was given back
bool dead; // the device is gone
#if CAST == 4
bool hung;     // a driver call does not return
byte late;     // what the driver may still do with the page's home after its call was given up
bool unmapped; // the window was given back to the system
bool running;  // a kernel may use the page on the device
bool pinning, closing;
#define READS 1
#define WRITES 2
#endif

// ---- the steps: PageTable ----

#if WEAKEN == 4
#define mayMove(p) (!moving(p) && !page[p].closed)
#else
#define mayMove(p) (!moving(p) && !page[p].closed && !counted(p))
#endif

inline countUp(p, kind, there) {
    atomic {
        if
        :: (there) && !page[p].closed -> page[p].count[kind]++; ok = true
        :: else -> ok = false
        fi
    }
}

inline countDown(p, kind) {
    atomic { assert(page[p].count[kind] > 0); page[p].count[kind]-- }
}

inline lockForHost(p, fills) {
    atomic {
        if
        :: mayMove(p) && page[p].state == DEVICE -> page[p].state = MOVING_TO_HOST; owned = owned | bit(p); locked++
        :: mayMove(p) && page[p].state == ABSENT && fills -> page[p].state = FILLING_HOST; owned = owned | bit(p); locked++
        :: else
        fi
    }
}

inline lockForDevice(p) {
    atomic {
        if
        :: mayMove(p) && page[p].state == HOST ->
            page[p].state = MOVING_TO_DEVICE; owned = owned | bit(p); copies++
        :: mayMove(p) && page[p].state == ABSENT -> page[p].state = FILLING_DEVICE; owned = owned | bit(p)
        :: else
        fi
    }
}

// Only a page whose bytes are nowhere else is ever lost.
inline lost(p) {
    assert(dead && (page[p].state == DEVICE || page[p].state == MOVING_TO_HOST));
    page[p].state = LOST
}

// Whoever sees a page on a dead device; its counts stay, so that their holders can close.
inline lose(p) {
    atomic {
        if
        :: dead && page[p].state == DEVICE -> lost(p)
        :: else
        fi
    }
}

inline publish(p, to) {
    atomic { page[p].state = to; owned = owned & ~bit(p) }
}

inline publishCounted(p, to, kind) {
    atomic { page[p].state = to; page[p].count[kind]++; owned = owned & ~bit(p) }
}

inline putBack(p) {
    atomic {
        if
#if WEAKEN == 16
        :: page[p].state == MOVING_TO_DEVICE && dead -> lost(p)
        :: page[p].state == MOVING_TO_DEVICE && !dead -> page[p].state = HOST
#else
        :: page[p].state == MOVING_TO_DEVICE -> page[p].state = HOST
#endif
        :: page[p].state == MOVING_TO_HOST && !dead -> page[p].state = DEVICE
        :: page[p].state == MOVING_TO_HOST && dead -> lost(p)
        :: else -> page[p].state = ABSENT
        fi;
        owned = owned & ~bit(p)
    }
}

// Only a whole-buffer pin or a close keeps pages from being announced as leaving.
inline addAway(n) {
    atomic {
        if
#if WEAKEN == 6
        :: !closed -> away = away + (n); ok = true
#else
        :: wholePins == 0 && !closed -> away = away + (n); ok = true
#endif
        :: else -> ok = false
        fi
    }
}

inline subtractAway(n) {
    atomic { assert(away >= (n)); away = away - (n) }
}

// ---- the copies; any of them may fail, and leave half of the bytes there, or lose the device ----

// A call that is not known to have ended is given up only together with its device, since the
// driver may go on.
#if CAST == 4
#if WEAKEN == 19
#define givenUp(what) failed = true; late = late | what
#else
#define givenUp(what) failed = true; dead = true; late = late | what
#endif
#endif

inline copyHome(p, mayHang) {
    if
    :: atomic { page[p].state == MOVING_TO_HOST && !dead -> carried = device[p]; host[p] = GARBAGE };
        atomic { host[p] = carried; carried = 0 }
    :: atomic { page[p].state == MOVING_TO_HOST -> failed = true; dead = true }
#if CAST == 4
    :: atomic { page[p].state == MOVING_TO_HOST -> host[p] = GARBAGE; givenUp(WRITES) }
    :: atomic { mayHang && page[p].state == MOVING_TO_HOST -> hung = true };
end_hung: false
#endif
    :: page[p].state == FILLING_HOST
    :: failed = true
    fi
}

inline copyIn(p) {
    if
    :: atomic { page[p].state == MOVING_TO_DEVICE && !dead -> carried = host[p]; device[p] = GARBAGE };
        atomic { device[p] = carried; carried = 0 }
    :: atomic { page[p].state == FILLING_DEVICE && !dead -> device[p] = 0 }
    :: atomic { failed = true; dead = true }
#if CAST == 4
    :: atomic { page[p].state == MOVING_TO_DEVICE -> givenUp(READS) }
    :: atomic { hung = true };
end_hung: false
#endif
    :: failed = true
    fi
}

// What a holder does with its bytes at some time between taking and closing.
#define use(place, p) \
    atomic { assert(!gone); assert(place[p] == latest[p]); latest[p] = 1 - latest[p]; place[p] = latest[p] }

// ---- the operations; each thread does its own again and again ----

inline start() {
    atomic { !gone -> busy++ }
}

#if CAST == 4
#define tell(flag, value) flag = value
#else
#define tell(flag, value) skip
#endif

#define isOwned(p) (owned & bit(p))

// For each page (that the operation owns), from p on; p is 0 again afterwards. Only the body's
// steps are seen by others.
#define each do :: atomic { p == PAGES -> p = 0; break } :: p < PAGES -> atomic {
#define eachOwned do :: atomic { p == PAGES -> p = 0; break } :: atomic { p < PAGES && !isOwned(p) -> p++ } :: p < PAGES && isOwned(p) -> atomic {
#define done p++ } od

// A pin of all pages, page by page: Claim. What is pinned is always a prefix; pages on the way home
// are locked, copied and published as one batch, and each is counted in the store that publishes
// it.
proctype pinner() {
    byte p, next, batchEnd, owned, locked, carried;
    bool ok, failed;
end_idle:
    atomic { start(); tell(pinning, true) };
look:
    do
    :: next == PAGES -> break
    :: next < PAGES ->
        atomic {
#if WEAKEN == 14
            countUp(next, PINS, page[next].state == HOST || page[next].state == DEVICE);
#else
            countUp(next, PINS, page[next].state == HOST);
#endif
            if
            :: ok -> next++
            :: !ok && page[next].closed -> goto giveUp
            :: !ok && !page[next].closed && page[next].state == LOST ->
                lose(0); lose(PAGES - 1); goto giveUp // the error has the reason of every page
            :: !ok && !page[next].closed && inTheWay(next) -> goto wait
            :: else -> batchEnd = next; goto batch // where it turns out if its device is lost
            fi
        }
    od;
    atomic { use(host, 0); use(host, PAGES - 1) };
giveUp:
    do
    :: next == 0 -> break
    :: atomic { next > 0 -> next--; countDown(next, PINS) }
    od;
    atomic { busy--; ok = false; tell(pinning, false); goto end_idle };
wait:
    atomic {
        assert(owned == 0); // no waiting while owning
        if
        :: !inTheWay(next) -> goto look
#if WEAKEN != 20
        :: goto giveUp // the deadline
#endif
        fi
    };
batch:
    do
    :: batchEnd == PAGES -> break
    :: batchEnd < PAGES ->
        atomic {
            countUp(batchEnd, PINS, page[batchEnd].state == HOST);
            if
            :: ok -> batchEnd++; goto batch
            :: else
            fi
        };
        atomic {
            lockForHost(batchEnd, true);
            if
            :: isOwned(batchEnd) -> batchEnd++
#if WEAKEN == 11
            :: !isOwned(batchEnd) && moving(batchEnd) -> next = batchEnd; goto wait
            :: !isOwned(batchEnd) && !moving(batchEnd) -> break
#else
            :: else -> break
#endif
            fi
        }
    od;
    do
    :: atomic { p == PAGES || failed -> p = 0; break }
    :: atomic { p < PAGES && !failed && !isOwned(p) -> p++ }
    :: p < PAGES && !failed && isOwned(p) -> copyHome(p, false); p++
    od;
    if
    :: failed ->
        p = next;
        do
        :: atomic { p >= batchEnd -> p = 0; break }
        :: atomic { p < batchEnd && isOwned(p) -> putBack(p); p++ }
        :: atomic { p < batchEnd && !isOwned(p) -> countDown(p, PINS); p++ }
        od;
        atomic { failed = false; locked = 0; batchEnd = 0 };
#if WEAKEN == 10
        next = PAGES;
#endif
        goto giveUp
    :: else
    fi;
#if WEAKEN == 9
    carried = owned;
    eachOwned publish(p, HOST) done;
    each page[p].count[PINS] = page[p].count[PINS] + ((carried & bit(p)) != 0); done;
    carried = 0;
#else
    eachOwned publishCounted(p, HOST, PINS) done;
#endif
    atomic { subtractAway(locked); locked = 0; next = batchEnd; batchEnd = 0 } // not before they are at home
    goto look
}

// A pin of the whole buffer at home: one compare-and-set. Where that fails, it goes on as pinner.
proctype wholePinner() {
    bool ok;
end_idle:
    atomic {
        !gone;
        if
#if WEAKEN == 7
        :: !closed -> wholePins++; ok = true
#else
        :: away == 0 && !closed -> wholePins++; ok = true
#endif
        :: else
        fi;
        busy = busy + ok
    };
    if
    :: ok ->
        atomic { use(host, 0); use(host, PAGES - 1) };
        atomic { assert(wholePins > 0); wholePins--; busy--; ok = false }
    :: else
    fi;
    goto end_idle
}

#define holdable(p) ((page[p].state == HOST || page[p].state == DEVICE && !dead) && !page[p].closed)

// A hold of one page, on the host or in place on a coherent device. (Where it needs the page at
// home, it is as a pinner.)
proctype holder() {
    byte p;
    bool ok;
    byte there;
end_idle:
    atomic {
        start();
        if
        :: p = 0
        :: p = PAGES - 1
        fi;
#if WEAKEN != 13
        countUp(p, HOLDS, holdable(p));
#endif
    };
#if WEAKEN == 13
    ok = holdable(p);
    page[p].count[HOLDS] = page[p].count[HOLDS] + ok;
#endif
    if
    :: ok ->
        there = page[p].state; // counted pages stay, but where their device dies they are lost
        if
        :: there == DEVICE -> use(device, p)
#if WEAKEN == 15
        :: there != DEVICE -> use(host, p)
#else
        :: there == HOST -> use(host, p)
        :: there == LOST // an error
#endif
        fi
    :: else
    fi;
    atomic {
        if
        :: ok -> countDown(p, HOLDS)
        :: else
        fi;
        busy--; p = 0; ok = false; there = 0
    };
    goto end_idle
}

// A prefetch; or a device access, which counts each page in the store that publishes it, and writes
// there.
proctype moverOut() {
    byte p, owned, copies, accessed, carried;
    bool ok, failed, accesses;
end_idle:
    atomic {
        start();
#if WEAKEN == 2
        ok = !closed && wholePins == 0;
#else
        addAway(PAGES); // before the first lock, for all that might leave
#endif
        if
        :: !ok -> goto finish
        :: ok && !dead -> accesses = true
        :: ok -> accesses = false
        fi
    };
    each lockForDevice(p) done;
#if WEAKEN == 2
    atomic { away = away + copies };
#else
    subtractAway(PAGES - copies); // those that were absent are counted already, the others stay
#endif
#if WEAKEN == 1
    each
        if
        :: isOwned(p) -> publish(p, DEVICE); accessed = accessed | bit(p)
        :: else
        fi
    done;
    each
        if
        :: accessed & bit(p) -> device[p] = host[p]; accessed = 0
        :: else
        fi
    done;
#else
    do
    :: atomic { p == PAGES || failed -> p = 0; break }
    :: atomic { p < PAGES && !failed && !isOwned(p) -> p++ }
    :: p < PAGES && !failed && isOwned(p) -> copyIn(p); p++
    od;
    if
    :: dead -> failed = true // others were told meanwhile: the pages stay at home
    :: else
    fi;
#endif
    if
    :: failed ->
#if WEAKEN != 8
        eachOwned putBack(p) done;
#endif
#if WEAKEN != 12 && WEAKEN != 8
        subtractAway(copies) // after they are back at home
#endif
    :: !failed && accesses ->
        eachOwned accessed = accessed | bit(p); publishCounted(p, DEVICE, ACCESSES) done;
#if CAST == 4
        do
        :: accessed == 0 -> break
        :: atomic { accessed -> running = true };
            if
            :: atomic { running = false; break } // the wait says that it has ended
#if WEAKEN == 18
            :: break
#endif
            :: skip // the wait failed: the access stays open, and is closed again
            fi
        od;
#else
        each
            if
            :: accessed & bit(p) -> use(device, p)
            :: else
            fi
        done;
#endif
        each
            if
            :: accessed & bit(p) -> countDown(p, ACCESSES)
            :: else
            fi
        done
    :: else -> eachOwned publish(p, DEVICE) done
    fi;
finish:
    atomic { busy--; ok = false; accessed = 0; copies = 0; owned = 0; failed = false; accesses = false };
    goto end_idle
}

// An eviction: brings home what may move, and waits for nothing.
proctype moverHome() {
    byte p, owned, carried, locked;
    bool failed;
end_idle:
    start();
    each lose(p); lockForHost(p, false) done;
    do
    :: atomic { p == PAGES || failed -> p = 0; break }
    :: atomic { p < PAGES && !failed && !isOwned(p) -> p++ }
    :: p < PAGES && !failed && isOwned(p) -> copyHome(p, true); p++
    od;
    if
    :: failed -> eachOwned putBack(p) done
    :: else ->
#if WEAKEN == 3
        subtractAway(locked);
#endif
        eachOwned publish(p, HOST) done;
#if WEAKEN != 3
        atomic { subtractAway(locked); locked = 0 } // not before they are at home
#endif
    fi;
    atomic { busy--; locked = 0; failed = false };
    goto end_idle
}

// The window of a buffer whose home the driver may still use is kept for good.
#if CAST != 4
#define unmap() skip
#elif WEAKEN == 17
#define unmap() unmapped = true
#else
#define unmap() unmapped = (late == 0)
#endif

// Closing: Seal. First the buffer word, then page by page; a holder, or a page that moves for too
// long, undoes it all.
proctype closer() {
    byte p;
end_idle:
    atomic {
        busy++;
        if
        :: wholePins == 0 -> closed = true; tell(closing, true)
        :: else -> busy--; goto end_idle
        fi
    };
    do
    :: atomic { p == PAGES -> gone = true; unmap(); tell(closing, false); busy--; break }
    :: atomic { p < PAGES && !moving(p) && counted(p) -> goto reopen }
    :: atomic { p < PAGES && moving(p) -> goto reopen } // for too long; else it waits
#if WEAKEN == 5
    :: atomic { p < PAGES && !moving(p) && !counted(p) -> p++ }
#else
    :: atomic { p < PAGES && !moving(p) && !counted(p) -> page[p].closed = true; p++ }
#endif
    od;
    goto over;
reopen:
    do
    :: p == 0 -> break
    :: atomic { p > 0 -> p--; page[p].closed = false }
    od;
    atomic { closed = false; tell(closing, false); busy-- };
    goto end_idle;
over:
    skip
}

// What goes on below: a kernel, and a copy whose call was given up.
#if CAST == 4
active proctype driver() {
end_driver:
    do
    :: atomic { running -> assert(device[0] == latest[0]); latest[0] = 1 - latest[0]; device[0] = latest[0] }
    :: atomic { late & READS -> assert(!unmapped); device[0] = GARBAGE }
    :: atomic { late & WRITES -> assert(!unmapped); host[0] = GARBAGE }
    od
}
#endif

// ---- the properties ----

// Each is watched in every state: its line can run only where it is broken, and then fails with its
// name, which is always false. The assertions above name the others: no count below zero, no
// waiting while owning, the newest bytes for whoever looks, and nobody in memory that was given
// back.
#define at_home(p) (page[p].state == HOST)
#define not_at_home ((PAGES - at_home(0)) - (PAGES > 1 && at_home(PAGES - 1)))
#define any(property) (property(0) || property(PAGES - 1))

// The newest version is where the state says that the bytes are.
#define bytes_lost(p) \
    ((page[p].state == HOST || page[p].state == MOVING_TO_DEVICE) && host[p] != latest[p] \
        || (page[p].state == DEVICE || page[p].state == MOVING_TO_HOST) && device[p] != latest[p] \
        || page[p].state == ABSENT && latest[p] != 0 \
        || page[p].state == LOST && !dead)
bool no_lost_bytes;

// A long-term pin never rests in device memory.
#define pinned_away(p) (page[p].count[PINS] > 0 && page[p].state != HOST)
bool no_pin_on_device;

// While the whole buffer is pinned, no page is on a device or on its way.
bool whole_pin_means_home;

// A page that moves is nobody's but its owner's.
#define counted_moving(p) (moving(p) && counted(p))
bool no_count_while_moving;

// The away count is never below the pages that are not at home, and equal to them when nothing is
// under way.
bool away_counts_all;
bool away_is_exact_at_rest;

// When nothing is under way, no page is locked, and no count is left over.
bool no_page_stays_locked;
bool no_count_stays;

// Once the buffer was closed, nobody has a page of it.
#define kept(p) (moving(p) || counted(p))
bool nothing_kept_after_close;

active proctype watch() {
end_watch:
    atomic {
        if
        :: any(bytes_lost) -> assert(no_lost_bytes)
        :: any(pinned_away) -> assert(no_pin_on_device)
        :: wholePins > 0 && not_at_home > 0 -> assert(whole_pin_means_home)
        :: any(counted_moving) -> assert(no_count_while_moving)
        :: away < not_at_home -> assert(away_counts_all)
        :: busy == 0 && away > not_at_home -> assert(away_is_exact_at_rest)
        :: busy == 0 && any(moving) -> assert(no_page_stays_locked)
        :: busy == 0 && (any(counted) || wholePins > 0) -> assert(no_count_stays)
        :: gone && (any(kept) || wholePins > 0) -> assert(nothing_kept_after_close)
        fi
    }
}

// No page is locked for ever, whatever the others do, as long as every thread runs again at some
// time.
#if CAST == 3
ltl no_page_locked_for_ever { [] (moving(0) -> <> !moving(0)) }
#endif

// Whoever pins or closes while a driver call of another thread hangs comes to an end.
#if CAST == 4
ltl nobody_waits_for_a_hung_call { [] (hung -> ((pinning -> <> !pinning) && (closing -> <> !closing))) }
#endif

init {
    atomic {
        byte p = 0;
        do
        :: p == PAGES -> break
        :: else -> device[p] = GARBAGE; p++
        od;
        run pinner();
        run moverOut();
#if CAST != 2
        run moverHome();
#endif
#if CAST == 0 || CAST == 1
        run wholePinner();
#endif
#if CAST == 0 || CAST == 2
        run holder();
#endif
#if CAST != 1
        run closer()
#endif
    }
}
