// SPDX-License-Identifier: Apache-2.0
//
// Clean copies, as in docs/decisions/0210-clean-copies.md, small enough for Spin to look at every
// interleaving: one page, one device, two threads that do any operation, again and again, and one
// that moves the page, and gives its home up.
//
//     spin -a -DCAST=0 copies.pml && cc -O2 -DSAFETY -DCOLLAPSE -DNOCLAIM -o pan pan.c && ./pan -m4000000 -w25
//
// CAST 0: a coherent device, whose memory holds use too
// CAST 1: a private device, whose driver copies from and to the page
//
// io.highpage.docs.PageModelTest runs both, and every weakened model: spin -a -DWEAKEN=n. What is
// one step here is one in pages.pml. Left out beside what is left out there: whole-buffer pins and
// closing, which are the same for a page that is at home alone and for one that is not.

#ifndef WEAKEN
#define WEAKEN 0
#endif
#ifndef CAST
#define CAST 0
#endif
#define COHERENT (CAST == 0)

// ---- the weakened models, and what each breaks ----
//
// WEAKEN 1 in CAST 0: let a writing pin have a page that is accessed
// WEAKEN 2 in CAST 0: let a writing pin have a page that is held on the device
// WEAKEN 3 in CAST 0: let a writing hold have a page on the device that is pinned
// WEAKEN 4 in CAST 0: let a writing access have a page that is pinned
// WEAKEN 5 in CAST 0: evict a page that is accessed
// WEAKEN 6 in CAST 0: leave the page in both places while somebody writes
// WEAKEN 7 in CAST 0: give up a home without owning the page
// WEAKEN 8 in CAST 0: take a page for lost whose home is good
// WEAKEN 9 in CAST 1: let a writing access have a page that is held at home
// WEAKEN 10 in CAST 1: let the driver copy from a page that is in both places
// WEAKEN 11 in CAST 0: publish a page in both places for a writer
// WEAKEN 12 in CAST 0: give the device memory back, then drop the page
// WEAKEN 13 in CAST 1: let the driver write to a page that is held at home

// ---- the words ----

#define HOST 1
#define DEVICE 2
#define BOTH 3
#define LOST 4
#define TO_DEVICE 7 // this and what follows are moving: one operation owns the page
#define TO_HOST 8

byte state = HOST;
byte pins, holds, accesses;
bool committed = true;
byte away;   // of the buffer word
byte window; // pages that the window on the device counts

#define moving (state >= TO_DEVICE)
#define free (pins + holds + accesses == 0)

// ---- the bytes, as in pages.pml ----

#define GARBAGE 2
byte host, device = GARBAGE, latest;

// ---- what the properties are about, besides the words ----

byte busy;    // operations under way
byte writers; // open holders that may write
bool dead;    // the device is gone

// ---- the operations: Verb ----

#define PIN 1
#define READ_PIN 2
#define HOLD 3
#define READ_HOLD 4
#define ACCESS 5
#define READ_ACCESS 6
#define DRIVER_WRITE 7
#define DRIVER_READ 8
#define PREFETCH 9
#define EVICT 10
#define DISCARD 11

#define isPin (verb == PIN || verb == READ_PIN)
#define isHold (verb == HOLD || verb == READ_HOLD)
#define isAccess (verb == ACCESS || verb == READ_ACCESS)
#define isDriver (verb == DRIVER_WRITE || verb == DRIVER_READ)
#define writes (verb == PIN || verb == HOLD || verb == ACCESS || verb == DRIVER_WRITE)
#define keepsBoth (verb == READ_PIN || verb == READ_HOLD || verb == READ_ACCESS || verb == PREFETCH)

// ---- what the rules say: Verdict, and what is done then ----

#define NO 0
#define AT_HOME 1   // counted there
#define ON_DEVICE 2 // counted there
#define LEAVES 3    // locked, to a device
#define COMES 4     // locked, home
#define GIVES_UP 5  // locked, to give its home up
#define DROPPED 6   // at home alone, perhaps counted
#define LEFT_ALONE 7 // at home alone, for the next look

inline count(n) {
    if
    :: isPin -> pins = pins + n
    :: isHold || isDriver -> holds = holds + n
    :: isAccess -> accesses = accesses + n
    :: else
    fi;
    writers = writers + (n) * writes
}

inline countedAt(where) { count(1); next = where }

// The last page that leaves a window gives its memory back; whoever gets it writes there.
inline release() {
    assert(window > 0);
    window--;
    if
    :: window == 0 -> device = GARBAGE
    :: else
    fi
}

inline lock(to, as) {
    if
    :: free -> state = to; next = as
    :: else -> next = NO
    fi
}

inline drop() {
#if WEAKEN == 12
    release();
    next = NO;
    state = HOST; away--;
    countedAt(DROPPED)
#else
    state = HOST; countedAt(DROPPED)
#endif
}

inline decideOnHost() {
    if
    :: isPin || isHold -> countedAt(AT_HOME)
    :: isAccess || verb == PREFETCH -> lock(TO_DEVICE, LEAVES)
    :: else -> next = NO
    fi
}

inline decideOnDevice() {
    if
    :: dead -> assert(state == DEVICE); state = LOST; next = NO // only what is nowhere else
    :: !dead && (isPin || verb == EVICT || isHold && !COHERENT) -> lock(TO_HOST, COMES)
    :: !dead && isHold && COHERENT -> countedAt(ON_DEVICE)
    :: !dead && isAccess && !COHERENT && holds > 0 -> next = NO
    :: !dead && isAccess && (COHERENT || holds == 0) -> countedAt(ON_DEVICE)
    :: !dead && isDriver && accesses > 0 -> next = NO
    :: !dead && isDriver && accesses == 0 -> countedAt(ON_DEVICE)
#if WEAKEN == 7
    :: !dead && verb == DISCARD && committed && free -> next = GIVES_UP
    :: !dead && verb == DISCARD && !(committed && free) -> next = NO
#else
    :: !dead && verb == DISCARD && committed -> lock(TO_HOST, GIVES_UP)
    :: !dead && verb == DISCARD && !committed -> next = NO
#endif
    :: !dead && verb == PREFETCH -> next = NO
    fi
}

#if WEAKEN == 1
#define accessedFor (accesses > 0 && verb != PIN)
#elif WEAKEN == 5
#define accessedFor (accesses > 0 && verb != EVICT)
#else
#define accessedFor (accesses > 0)
#endif
#if WEAKEN == 2
#define heldFor (COHERENT && holds > 0 && verb != PIN)
#else
#define heldFor (COHERENT && holds > 0)
#endif
#if WEAKEN == 3
#define pinnedFor (pins > 0 && verb != HOLD)
#elif WEAKEN == 4
#define pinnedFor (pins > 0 && verb != ACCESS)
#else
#define pinnedFor (pins > 0)
#endif
#if WEAKEN == 9
#define heldHome (!COHERENT && holds > 0 && verb != ACCESS)
#elif WEAKEN == 13
#define heldHome (!COHERENT && holds > 0 && verb != DRIVER_WRITE)
#else
#define heldHome (!COHERENT && holds > 0)
#endif

// A writer on the device: its count is the end of the home.
#if WEAKEN == 6
#define endHome() skip
#else
#define endHome() state = DEVICE
#endif

#define onItsDevice (!dead && (isAccess || verb == DRIVER_WRITE || isHold && COHERENT))

// Who has the page at home alone, or leaves it there before it goes on.
#define goesHome (isPin || isHold && !(onItsDevice && !pinnedFor) || verb == EVICT || dead && !isDriver)

inline decideOnBoth() {
    if
    :: verb == READ_PIN || verb == READ_HOLD && !COHERENT -> countedAt(AT_HOME)
    :: onItsDevice && keepsBoth -> countedAt(ON_DEVICE)
    :: onItsDevice && !keepsBoth && !pinnedFor && !heldHome && !(isDriver && accesses > 0) ->
        endHome(); countedAt(ON_DEVICE)
#if WEAKEN == 10
    :: verb == DRIVER_READ && !dead && accesses == 0 -> countedAt(ON_DEVICE)
#endif
#if WEAKEN == 7
    :: verb == DISCARD && !dead && free -> next = GIVES_UP
#else
    :: verb == DISCARD && !dead && free -> lock(TO_HOST, GIVES_UP)
#endif
#if WEAKEN == 8
    :: dead && !isPin && !accesses && !holds -> decideOnDevice()
#endif
    :: else ->
        if
        :: goesHome && !accessedFor && !heldFor ->
            if
            :: isPin || isHold || verb == EVICT -> drop()
            :: else -> state = HOST; next = LEFT_ALONE // then as from HOST
            fi
        :: else -> next = NO
        fi
    fi
}

inline decide() {
    atomic {
        if
        :: moving || state == LOST -> next = NO
        :: state == HOST -> decideOnHost()
        :: state == DEVICE -> decideOnDevice()
        :: state == BOTH -> decideOnBoth()
        fi
    }
}

// What a holder does with its bytes at some time between taking and closing.
inline use(place) {
    atomic {
        if
        :: state != LOST ->
            assert(place == latest);
            if
            :: writes -> latest = 1 - latest; place = latest
            :: else
            fi
        :: else // an error
        fi
    }
}

proctype user(bool holder) {
    byte verb, next, carried;
end_idle:
    atomic {
        if
        :: holder -> verb = PIN
        :: holder -> verb = READ_PIN
        :: holder -> verb = HOLD
        :: holder -> verb = READ_HOLD
        :: holder -> verb = ACCESS
        :: holder -> verb = READ_ACCESS
        :: holder && !COHERENT -> verb = DRIVER_WRITE
        :: holder && !COHERENT -> verb = DRIVER_READ
        :: verb = PREFETCH
        :: verb = EVICT
        :: verb = DISCARD
        fi;
        busy++;
        if
        :: verb == PREFETCH || isAccess -> window++; away++ // before the lock, for what may leave
        :: else
        fi
    };
    decide();
    atomic {
        if
        :: (verb == PREFETCH || isAccess) && next != LEAVES -> away--; release()
        :: else
        fi
    };
    if
    :: next == LEAVES ->
        if
        :: atomic { !dead -> carried = host; device = GARBAGE };
            atomic { device = carried; carried = 0 };
            if
            :: !dead ->
                atomic {
#if WEAKEN == 11
                    state = BOTH;
#else
                    if
                    :: keepsBoth -> state = BOTH
                    :: else -> state = DEVICE
                    fi;
#endif
                    if
                    :: isAccess -> countedAt(ON_DEVICE)
                    :: else -> next = NO
                    fi
                }
            :: dead -> atomic { state = HOST; next = NO }; atomic { away--; release() }
            fi
        :: atomic { state = HOST; next = NO }; atomic { away--; release() } // the copy failed
        fi
    :: next == COMES ->
        if
        :: atomic { !dead -> carried = device; host = GARBAGE };
            atomic { host = carried; carried = 0 };
            atomic {
                committed = true;
                if
                :: keepsBoth -> state = BOTH; countedAt(AT_HOME)
                :: !keepsBoth && verb == EVICT -> state = HOST; next = DROPPED
                :: else -> state = HOST; countedAt(DROPPED)
                fi
            }
        :: atomic {
                if
                :: dead -> state = LOST
                :: !dead -> state = DEVICE
                fi;
                next = NO
            }
        fi
    :: next == GIVES_UP ->
        host = GARBAGE;
#if WEAKEN == 7
        atomic { committed = false; next = NO }
#else
        atomic { state = DEVICE; committed = false; next = NO }
#endif
    :: else
    fi;
#if WEAKEN != 12
    atomic {
        if
        :: next == DROPPED || next == LEFT_ALONE -> away--; release() // not before
        :: else
        fi
    };
#endif
    if
    :: (next == AT_HOME || next == DROPPED && verb != EVICT) -> use(host)
    :: next == ON_DEVICE -> use(device)
    :: else
    fi;
    atomic {
        if
        :: next == AT_HOME || next == ON_DEVICE || next == DROPPED ->
            assert(!isPin || pins > 0);
            assert(!(isHold || isDriver) || holds > 0);
            assert(!isAccess || accesses > 0);
            count(-1)
        :: else
        fi;
        busy--; verb = 0; next = 0
    };
    goto end_idle
}

active proctype death() {
end_alive:
    dead = true
}

// ---- the properties ----

#define here (state == HOST || state == BOTH || state == TO_DEVICE)
#define there (state == DEVICE || state == BOTH || state == TO_HOST)

bool no_lost_bytes;
bool no_pin_on_device;
bool no_count_while_moving;
bool no_writer_beside_a_second_place;
bool no_home_without_memory;
bool away_and_window_are_exact_at_rest;

active proctype watch() {
end_watch:
    atomic {
        if
        :: here && host != latest || there && device != latest -> assert(no_lost_bytes)
        :: pins > 0 && !(state == HOST || state == BOTH) -> assert(no_pin_on_device)
        :: moving && !free -> assert(no_count_while_moving)
        :: state == BOTH && writers > 0 -> assert(no_writer_beside_a_second_place)
        :: here && !committed -> assert(no_home_without_memory)
        :: busy == 0 && (away != (state != HOST) || window != (state != HOST)) ->
            assert(away_and_window_are_exact_at_rest)
        fi
    }
}

init {
    atomic {
        run user(true);
        run user(true);
        run user(false)
    }
}
