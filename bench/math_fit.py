#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""math_fit.py [--check]: the coefficients of libcommon/base/math, by Remez's exchange in 80 digits, each then
rounded to the type it has in C. Prints them with the largest error of the polynomial that they make; with
--check only says which of them the sources lack, and fails if there is one. Needs mpmath (requirements.txt)."""
import os
import struct
import sys

from mpmath import (asin, atan, cos, erf, erfc, exp, expm1, floor, log, log1p, lu_solve, matrix, mp, mpf, pi, sin,
                    sqrt, tanh)

mp.dps = 80
MATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "libcommon", "base", "math")


def value(coefficients, x):
    total = mpf(0)
    for c in reversed(coefficients):
        total = total * x + c
    return total


def extrema(error, low, high, count):
    """The largest magnitudes between changes of sign, at most count of them next to one another."""
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / 800) for i in range(801)]
    runs = []
    for x in grid:
        e = error(x)
        if e == 0:
            continue
        if runs and (runs[-1][1] > 0) == (e > 0):
            if abs(e) > abs(runs[-1][1]):
                runs[-1] = (x, e)
        else:
            runs.append((x, e))
    while len(runs) > count:        # the smaller end goes
        runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
    return [x for x, _ in runs], max(abs(e) for _, e in runs)


def remez(wanted, weight, low, high, degree):
    """Coefficients, lowest power first, of the polynomial with the least max |weight (p - wanted)|."""
    count = degree + 2
    nodes = [(low + high) / 2 - (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    for _ in range(30):
        system = matrix(count, count)
        right = matrix(count, 1)
        for i, x in enumerate(nodes):
            for k in range(degree + 1):
                system[i, k] = weight(x) * x ** k
            system[i, degree + 1] = (-1) ** i
            right[i] = weight(x) * wanted(x)
        solution = lu_solve(system, right)
        found = [solution[k] for k in range(degree + 1)]
        nodes, largest = extrema(lambda x: weight(x) * (value(found, x) - wanted(x)), low, high, count)
        if len(nodes) < count:
            raise ArithmeticError("the error does not alternate")
        if largest < abs(solution[degree + 1]) * mpf("1.001"):
            return found
    raise ArithmeticError("no end of exchanges")


def rounded(x, kind):
    packed = struct.pack("<" + kind, float(x))      # a double first: of 53 bits, near enough for 24
    return struct.unpack("<" + kind, packed)[0]


def spelled(x, kind):
    """As in C: hexadecimal, nothing that says nothing."""
    text = float(x).hex()
    mantissa, exponent = text.split("p")
    return mantissa.rstrip("0").rstrip(".") + "p" + str(int(exponent)) + ("f" if kind == "f" else "")


def away_from_zero(function, limit):
    """function, and limit where it would divide by nothing."""
    return lambda x: function(x) if abs(x) > mpf("1e-18") else mpf(limit)


def odd(file, name, f, limit, end, degree, kind):
    """The row of f(x) = x + x z P(z), z = x^2, |x| up to end; limit is P(0)."""
    return (file, name, name.lower() + " x = x + x z P(z), z = x^2", kind,
            away_from_zero(lambda z: (f(sqrt(z)) / sqrt(z) - 1) / z, limit),
            away_from_zero(lambda z: z * sqrt(z) / f(sqrt(z)), 0), mpf(0), mpf(end) ** 2, degree)


HALF_LN2 = log(2) / 2 * mpf("1.0001")
ROOT = sqrt(mpf(2))
THIRD = mpf(1) / 3
# file, name in C, what is fitted, f for float or d for double, the function, the error's weight, from, to, degree
FITS = [
    ("exponential.h", "EXP", "e^r = 1 + r + r^2 P(r)", "f",
     away_from_zero(lambda r: (expm1(r) - r) / r ** 2, 0.5), lambda r: r * r / exp(r), -HALF_LN2, HALF_LN2, 4),
    ("exponential.h", "LOG", "log(1 + f) = f - f^2 / 2 + f^3 P(f)", "f",
     away_from_zero(lambda f: (log1p(f) - f + f * f / 2) / f ** 3, THIRD),
     away_from_zero(lambda f: f ** 3 / log1p(f), 0), ROOT / 2 - 1, ROOT - 1, 8),
    odd("exponential.h", "TANH", tanh, -THIRD, "0.55", 4, "f"),
    ("exponential.h", "ERF_NEAR", "erf x = x + x P(x^2)", "f",
     away_from_zero(lambda z: erf(sqrt(z)) / sqrt(z) - 1, 2 / sqrt(pi) - 1),
     away_from_zero(lambda z: sqrt(z) / erf(sqrt(z)), sqrt(pi) / 2), mpf(0), mpf("0.93") ** 2, 6),
    ("exponential.h", "ERF_FAR", "-log(1 - erf x) = x + x P(x)", "f",
     lambda x: -log(erfc(x)) / x - 1, lambda x: x * erfc(x) / erf(x), mpf("0.92"), mpf(4), 6),
    ("elementary.c", "EXP", "e^r = 1 + r + r^2 P(r)", "d",
     away_from_zero(lambda r: (expm1(r) - r) / r ** 2, 0.5), lambda r: r * r / exp(r), -HALF_LN2, HALF_LN2, 8),
    ("elementary.c", "LOG", "log((1 + s) / (1 - s)) = 2 s + s z P(z), z = s^2", "d",
     away_from_zero(lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z) - 2) / z, 2 * THIRD),
     lambda z: z / 2, mpf(0), ((ROOT - 1) / (ROOT + 1)) ** 2 * mpf("1.001"), 6),
    odd("trigonometric.c", "SIN", sin, -THIRD / 2, pi / 4 * mpf("1.0001"), 5, "d"),
    ("trigonometric.c", "COS", "cos x = 1 - z / 2 + z^2 P(z), z = x^2", "d",
     away_from_zero(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z ** 2, mpf(1) / 24), lambda z: z * z, mpf(0),
     (pi / 4) ** 2 * mpf("1.0001"), 4),
    odd("trigonometric.c", "ATAN", atan, -THIRD, (ROOT - 1) * mpf("1.0001"), 10, "d"),
    odd("trigonometric.c", "ASIN", asin, THIRD / 2, "0.5", 10, "d"),
]


def fit(row):
    """The numbers of a row, as in C, and how good they are."""
    _, _, what, kind, wanted, weight, low, high, degree = row
    found = [rounded(c, kind) for c in remez(wanted, weight, low, high, degree)]
    _, largest = extrema(lambda x: weight(x) * (value([mpf(c) for c in found], x) - wanted(x)), low, high, 99)
    return [spelled(c, kind) for c in found], "%s, within %s" % (what, mp.nstr(largest, 2))


def parts(x, bits, kind):
    """x as a number of so many bits, so that small integers times it are exact, and the rest."""
    scale = mpf(2) ** (bits - 1 - int(floor(log(x, 2))))
    high = floor(x * scale) / scale
    return [spelled(high, kind), spelled(rounded(x - high, kind), kind)]


def digits(x, words):
    """x after the point, 32 binary digits a word."""
    return ["0x%08xu" % (int(floor(x * mpf(2) ** (32 * (i + 1)))) & 0xffffffff) for i in range(words)]


def constants():
    ln2 = log(mpf(2))
    near = mpf(rounded(ln2, "f"))
    yield "exponential.h", "1 / log 2", [spelled(rounded(1 / ln2, "f"), "f")]
    yield "exponential.h", "log 2 and what it lacks", [spelled(-near, "f"), spelled(rounded(near - ln2, "f"), "f")]
    yield "exponential.h", "log 2 in two parts", parts(ln2, 15, "f")
    yield "elementary.c", "log 2, 1 / log 2", [spelled(ln2, "d"), spelled(1 / ln2, "d")]
    yield "elementary.c", "log 2 in two parts", parts(ln2, 32, "d")
    yield "trigonometric.c", "pi / 2, pi / 4", [spelled(pi / 2, "d"), spelled(pi / 4, "d")]
    yield "trigonometric.c", "2 / pi", digits(2 / pi, 7)


def main():
    check = sys.argv[1:] == ["--check"]
    lacking = 0
    found = list(constants())
    for row in FITS:
        numbers, how_good = fit(row)
        found.append((row[0], row[1] + ": " + how_good, numbers))
    for file, what, numbers in found:
        if not check:
            print("%s, %s\n\t%s" % (file, what, "\n\t".join(numbers)))
        with open(os.path.join(MATH, file)) as f:
            source = f.read()
        missing = [number for number in numbers if number not in source]
        if missing:
            print("%s lacks %s: %s" % (file, " ".join(missing), what))
        lacking += len(missing)
    sys.exit(lacking > 0)


main()
