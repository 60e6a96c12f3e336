"""Chance by counting: Philox 4x32-10, keyed by the seed, counted by (replicate, slot, occupant and month, purpose).

Nothing is drawn from a stream, so neither workers nor order nor resuming change a number, and two scenarios give the same person
the same luck. Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); test vectors of Random123.
"""

from enum import IntEnum

import numpy as np

from qinglan.core.twin.compiling import compiled, inlined

U = np.uint64
LOW = U(0xFFFFFFFF)
HALF = U(32)
OCCUPANT = U(16)
M0, M1 = U(0xD2511F53), U(0xCD9E8D57)
W0, W1 = U(0x9E3779B9), U(0xBB67AE85)
MIDDLE = U(0x7FFF8000)
SCALE = 2.0**-32


class Purpose(IntEnum):
    """What a draw is for. Numbers enter the counter; never renumber."""

    START = 0
    MONTH = 1
    EVENTS = 2
    RECRUIT = 3
    POOL = 4
    YEAR = 5
    SCORES = 6
    UNIT = 7


@inlined
def once(c0, c1, c2, c3, k0, k1):
    """One round. Ten of them are written out below: a loop inside would keep the compiler from doing eight people at once."""
    p0 = M0 * c0
    p1 = M1 * c2
    return (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW


@inlined
def philox(c0, c1, c2, c3, k0, k1):
    """Four random 32-bit words (in uint64) of a counter (four words) and a key (two words)."""
    c0, c1, c2, c3 = once(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + W0) & LOW, (k1 + W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(2) * W0) & LOW, (k1 + U(2) * W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(3) * W0) & LOW, (k1 + U(3) * W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(4) * W0) & LOW, (k1 + U(4) * W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(5) * W0) & LOW, (k1 + U(5) * W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(6) * W0) & LOW, (k1 + U(6) * W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(7) * W0) & LOW, (k1 + U(7) * W1) & LOW)
    c0, c1, c2, c3 = once(c0, c1, c2, c3, (k0 + U(8) * W0) & LOW, (k1 + U(8) * W1) & LOW)
    return once(c0, c1, c2, c3, (k0 + U(9) * W0) & LOW, (k1 + U(9) * W1) & LOW)


@compiled
def draw(seed, replicate, slot, occupant, month, purpose):
    """Four words for one person (slot and occupant), month and purpose. `seed` below 2^63; occupant and month below 2^16.

    A negative seed is no chance at all: every uniform is just below a half, every bell and triangle nought.
    """
    if seed < 0:
        return MIDDLE, MIDDLE, MIDDLE, MIDDLE
    key = U(seed)
    when = (U(occupant) << OCCUPANT) | U(month)
    return philox(U(replicate), U(slot), when, U(purpose), key & LOW, key >> HALF)


@inlined
def uniform(word):
    """A number strictly between 0 and 1 from a 32-bit word."""
    return (np.float64(word) + 0.5) * SCALE


@compiled
def bell(first, second):
    """A number of mean 0 and variance 1 from two words: the sum of their four halves (Irwin-Hall of four, within ±3.5)."""
    low = U(0xFFFF)
    total = (first & low) + (first >> OCCUPANT) + (second & low) + (second >> OCCUPANT)
    # Four times (h + 0.5) / 65536 has mean 2 and variance 1/3.
    return ((np.float64(total) + 2.0) / 65536.0 - 2.0) * 1.7320508075688772


@inlined
def triangle(word):
    """Mean 0, variance 1, from the halves of one word."""
    total = (word & U(0xFFFF)) + (word >> OCCUPANT)
    return ((np.float64(total) + 1.0) / 65536.0 - 1.0) * 2.449489742783178


@inlined
def single_uniform(word):
    """Like `uniform`, in single precision: strictly between 0 and 1, in steps of 2^−23."""
    return (np.float32(np.int32(word >> U(9))) + np.float32(0.5)) * np.float32(2.0**-23)


@inlined
def single_triangle(word):
    """Like `triangle`, in single precision."""
    total = np.int32((word & U(0xFFFF)) + (word >> OCCUPANT))
    return (np.float32(total) + np.float32(1.0)) * np.float32(2.449489742783178 / 65536.0) - np.float32(
        2.449489742783178
    )


@compiled
def uniforms(seed, replicate, numbers, occupants, month, purpose, out):
    """out (4, slots): four uniform numbers for each slot's occupant."""
    for s in range(numbers.shape[0]):
        w0, w1, w2, w3 = draw(seed, replicate, numbers[s], occupants[s], month, purpose)
        out[0, s], out[1, s], out[2, s], out[3, s] = uniform(w0), uniform(w1), uniform(w2), uniform(w3)


@compiled
def fill(seed, replicates, slots, months, purposes, out):
    """out (replicates, slots, months, purposes, 4): the words of every counter, for tests and for looking."""
    for replicate in range(replicates):
        for slot in range(slots):
            for month in range(months):
                for purpose in range(purposes):
                    a, b, c, d = draw(seed, replicate, slot, 0, month, purpose)
                    out[replicate, slot, month, purpose, 0] = a
                    out[replicate, slot, month, purpose, 1] = b
                    out[replicate, slot, month, purpose, 2] = c
                    out[replicate, slot, month, purpose, 3] = d
