"""Writes plan_vectors.json: random plans and what the formulas make of them, in plain Python.

The formulas are written out a second time here, in another language and another form (the search for a ratio is a scan, the
inverse Gaussian is taken by erfc, the gain of a cell is summed with another recursion), so that a slip in one of the two
shows. Run it from this directory after changing a formula:

    python3 plan_vectors.py > plan_vectors.json
"""

import json
import random
from math import erfc, exp, inf, log, log1p, pi, sqrt

POWERS = [0.5 + 0.05 * i for i in range(13)]


def phi(x):
    return 0.5 * erfc(-x / sqrt(2))


def log_phi(x):
    if x > -30:
        return log(phi(x))
    return -x * x / 2 - log(-x) - 0.5 * log(2 * pi) + log1p(-1 / x**2 + 3 / x**4 - 15 / x**6)


def reached_by(n, g, v, level):
    if level <= 0:
        return 1.0
    scatter = sqrt(v * n)
    reflected = 2 * g * level / v + log_phi(-(g * n + level) / scatter)
    return phi((g * n - level) / scatter) + exp(min(reflected, 0.0))


def per_request(pc, ps, delta, rho, rr):
    r, s = rr * (1 + rho) / (1 + rho * rr), (1 + rho) / (1 + rho * rr)
    return pc * log(r) + ps / rho * log(s) - delta * (r - 1), pc * log(r) ** 2 + ps / rho * log(s) ** 2


def per_cell(pc, ps, delta, rho, rr, n):
    r, s = rr * (1 + rho) / (1 + rho * rr), (1 + rho) / (1 + rho * rr)
    mean = n * pc
    chance, k, sum1, sum2, all_ = exp(-mean), 0, 0.0, 0.0, 0.0
    while all_ < 1 - 1e-13 and k < 5000:
        gain = log(1 + (1 - s**k) / rho)
        sum1, sum2, all_ = sum1 + chance * gain, sum2 + chance * gain * gain, all_ + chance
        k += 1
        chance *= mean / k
    bad = n * ps / rho
    return sum1 + bad * log(s) - n * delta * (r - 1), sum2 - sum1**2 + bad * log(s) ** 2


def fastest(growth, low, high):
    for _ in range(60):
        step = (high - low) / 20
        best = max((low + i * step for i in range(21)), key=lambda x: growth(exp(x)))
        low, high = max(low, best - step), min(high, best + step)
    return (low + high) / 2


def fewest(chance, power, high):
    while chance(high) < power:
        high *= 2
        if high > 1e15:
            return None
    low = 0.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) < power else (low, middle)
    return high


def passing(case):
    p, delta, rho, f = case["base"], case["margin"], case["share"] / (1 - case["share"]), case["phi"]
    level = log((1 / case["alpha"] - 0.5) / 0.25)
    best = fastest(lambda rr: per_request(p, p, delta, rho, rr)[0], log(1e-4), -1e-9)
    drifts = [per_request(p, p, delta, rho, exp(best * e)) for e in POWERS]
    return fewest(lambda n: max(reached_by(n, g / f, v / f, level) for g, v in drifts), case["power"], 1.0)


def harm(case):
    ps, delta, rho, f = case["base"], case["margin"], case["share"] / (1 - case["share"]), case["phi"]
    pc, n = ps + case["rise"], case["per_second"] * case["share"] * case["cell_seconds"]
    # Errors of a cell saturate, so that only the ratios that the judge bets on count, each with its own capital.
    bets = [1.003, 1.012, 1.05, 1.15, 1.3, 1.6, 2, 3, 5, 10, 25, 60]
    level = log(len(bets) / (case["alpha"] * 0.3 * 0.4))
    drifts = [per_cell(pc, ps, delta, rho, rr, n) for rr in bets]
    cells = [fewest(lambda k: reached_by(k, g / f, v / f, level), case["power"], 1.0) for g, v in drifts if g > 1e-13]
    cells = [c for c in cells if c is not None]
    return min(cells) * case["cell_seconds"] if cells else None


def between(rng, low, high):
    return low * (high / low) ** rng.random()


def main():
    rng = random.Random(20261123)
    cases = []
    for _ in range(60):
        case = {
            "base": between(rng, 1e-4, 0.05),
            "margin": rng.choice([0.0005, 0.001, 0.003, 0.01]),
            "share": rng.choice([0.01, 0.05, 0.25, 0.5, 0.7]),
            "alpha": rng.choice([0.01, 0.05]),
            "power": rng.choice([0.5, 0.9, 0.95]),
            "phi": rng.choice([1.0, 1.03, 2.5]),
            "per_second": between(rng, 1, 1000),
            "cell_seconds": rng.choice([1.0, 20.0]),
        }
        case["rise"] = case["margin"] * rng.choice([1.5, 3.0, 20.0])
        case["pass_requests"] = passing(case)
        case["harm_seconds"] = harm(case)
        cases.append(case)
    print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")


if __name__ == "__main__":
    main()
