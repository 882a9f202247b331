"""Write results.csv and digits.csv, the truth that the tests of this package compare with.

Run in this folder: python3 make_truth.py (needs gmpy2 from PyPI). It shares nothing with the Go code: the results are GMP's
own Fibonacci numbers and factorials, the digit counts MPFR's logarithms to 6,000 bits.
"""

import csv
import hashlib
import random

import gmpy2
from gmpy2 import mpfr, mpz

PRECISION = 6000
gmpy2.get_context().precision = PRECISION
random.seed(20240229)

LOG10_PHI = gmpy2.log10((1 + gmpy2.sqrt(mpfr(5))) / 2)
LOG10_SQRT5 = gmpy2.log10(mpfr(5)) / 2
LOG10_2 = gmpy2.log10(mpfr(2))


def result_rows():
    indexes = list(range(0, 130)) + [random.randrange(130, 3000) for _ in range(40)] + [9999, 10000, 50001, 131071, 131072, 300000]
    for n in indexes:
        yield "fibonacci", f"n={n}", gmpy2.fib(n)
        yield "fibonacci-sum", f"n={n}", gmpy2.fib(n + 2) - 1
    for n in list(range(0, 130)) + [random.randrange(130, 3000) for _ in range(40)] + [4095, 4096, 10000, 32767, 50001]:
        yield "factorial", f"n={n}", gmpy2.fac(n)
    for n in list(range(0, 70)) + [10**18, 10**40 - 1]:
        yield "ackermann", f"m=0 n={n}", mpz(n) + 1
        yield "ackermann", f"m=1 n={n}", mpz(n) + 2
        yield "ackermann", f"m=2 n={n}", 2 * mpz(n) + 3
    for n in list(range(0, 130)) + [random.randrange(130, 3000) for _ in range(40)] + [65533, 65536, 300000]:
        yield "ackermann", f"m=3 n={n}", mpz(2) ** (n + 3) - 3
    for m, n, value in [(4, 0, 13), (4, 1, 65533), (4, 2, mpz(2) ** 65536 - 3), (5, 0, 65533)]:
        yield "ackermann", f"m={m} n={n}", value


def floor_plus_1(x):
    """The digits of the number with the decimal logarithm x, which must be clear of the next whole number."""
    low = gmpy2.floor(x)
    assert gmpy2.mpfr("1e-850") < x - low < 1 - gmpy2.mpfr("1e-850")
    return mpz(low) + 1


def convergents(x, limit):
    """The denominators q of the continued fraction of x up to limit: x·q is nearly whole."""
    before, q = mpz(0), mpz(1)
    while q < limit:
        yield q
        x = 1 / (x - gmpy2.floor(x))
        before, q = q, mpz(gmpy2.floor(x)) * q + before


def near_powers_of_ten(slope, offset, limit):
    """The n up to limit at which slope·n − offset comes nearer to a whole number than at any n before."""
    best = [1.0, 1.0]
    for n in range(300, limit):
        part = (slope * n - offset) % 1
        if part < best[0]:
            best[0] = part
            yield n
        elif 1 - part < best[1]:
            best[1] = 1 - part
            yield n


def large():
    exponents = list(range(3, 25)) + [50, 99, 100, 308, 309, 500, 900, 990]
    yield from (mpz(10) ** e for e in exponents)
    for e in exponents:
        yield mpz(random.randrange(10 ** (e - 1), 10**e))


def digit_rows():
    for n in [*large(), mpz(10) ** 999, mpz(10) ** 1000 - 1]:
        yield "fibonacci", f"n={n}", floor_plus_1(n * LOG10_PHI - LOG10_SQRT5)
        yield "ackermann", f"m=3 n={n}", floor_plus_1((n + 3) * LOG10_2)
    for n in [*large(), mpz(10) ** 996]:
        value = gmpy2.lgamma(mpfr(n + 1))
        yield "factorial", f"n={n}", floor_plus_1((value[0] if isinstance(value, tuple) else value) / gmpy2.log(mpfr(10)))
    for i, q in enumerate(convergents(LOG10_2, mpz(10) ** 840)):
        if q >= 93 and (i < 40 or i % 20 == 0):
            yield "ackermann", f"m=3 n={q - 3}", floor_plus_1(q * LOG10_2)
    for n in near_powers_of_ten(float(LOG10_PHI), float(LOG10_SQRT5), 3_000_000):
        yield "fibonacci", f"n={n}", floor_plus_1(n * LOG10_PHI - LOG10_SQRT5)


with open("results.csv", "w", newline="") as out:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["function", "args", "digits", "sha256"])
    for function, args, value in result_rows():
        text = gmpy2.digits(mpz(value))
        rows.writerow([function, args, len(text), hashlib.sha256(text.encode()).hexdigest()])

with open("digits.csv", "w", newline="") as out:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["function", "args", "digits"])
    rows.writerows(digit_rows())
