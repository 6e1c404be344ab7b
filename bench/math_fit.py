#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""math_fit.py [--check]: the coefficients of libcommon/base/math, by Remez's exchange in 60 digits, each then
rounded to the type it has in C. Prints them with the largest error of the polynomial that they make; with
--check only says which of them the sources lack, and fails if there is one. Needs mpmath (requirements.txt)."""
import os
import struct
import sys

from mpmath import cos, erf, erfc, exp, expm1, log, log1p, lu_solve, matrix, mp, mpf, pi, sqrt, tanh

mp.dps = 60
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
    ("exponential.h", "TANH_NEAR", "tanh x = x + x z P(z), z = x^2", "f",
     away_from_zero(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, -THIRD),
     away_from_zero(lambda z: z * sqrt(z) / tanh(sqrt(z)), 0), mpf(0), mpf("0.55") ** 2, 4),
    ("exponential.h", "ERF_NEAR", "erf x = x + x P(x^2)", "f",
     away_from_zero(lambda z: erf(sqrt(z)) / sqrt(z) - 1, 2 / sqrt(pi) - 1),
     away_from_zero(lambda z: sqrt(z) / erf(sqrt(z)), sqrt(pi) / 2), mpf(0), mpf("0.93") ** 2, 6),
    ("exponential.h", "ERF_FAR", "-log(1 - erf x) = x + x P(x)", "f",
     lambda x: -log(erfc(x)) / x - 1, lambda x: x * erfc(x) / erf(x), mpf("0.92"), mpf(4), 6),
]


def fit(row):
    file, name, what, kind, wanted, weight, low, high, degree = row
    found = [rounded(c, kind) for c in remez(wanted, weight, low, high, degree)]
    _, largest = extrema(lambda x: weight(x) * (value([mpf(c) for c in found], x) - wanted(x)), low, high, 99)
    return found, largest


def print_fit(row, found, largest):
    file, name, what, kind = row[:4]
    print("%s, %s: %s, within %s" % (file, name, what, mp.nstr(largest, 2)))
    for c in found:
        print("\t" + spelled(c, kind))


def main():
    check = sys.argv[1:] == ["--check"]
    lacking = 0
    for row in FITS:
        found, largest = fit(row)
        if not check:
            print_fit(row, found, largest)
            continue
        with open(os.path.join(MATH, row[0])) as f:
            source = f.read()
        for c in found:
            if spelled(c, row[3]) not in source:
                print("%s lacks %s of %s" % (row[0], spelled(c, row[3]), row[1]))
                lacking += 1
    sys.exit(lacking > 0)


main()
