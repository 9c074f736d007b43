"""Writes other_vectors.json: shares of answers, means and series by formulas written out a second time, in plain Python.

    python3 other_vectors.py > other_vectors.json
"""

import json
import random
from math import erfc, log, sqrt

HARM = [0.02, 0.25, 0.5, 0.65]
PASS = [0.9, 1.0]


def share(m, w):
    return w * m / (w * m + 1 - w)


def split(canary, stable, w, m):
    return canary * log(share(m, w) / share(0.8, w)) + stable * log((1 - share(m, w)) / (1 - share(0.8, w)))


def mixture(total, variance, rho):
    x = total / sqrt(variance + rho)
    return 0.5 * log(4 * rho / (variance + rho)) + total**2 / (2 * (variance + rho)) + log(0.5 * erfc(-x / sqrt(2)))


def main():
    rng = random.Random(20261123)
    splits, mixtures, means = [], [], []
    for _ in range(200):
        w, all_ = rng.uniform(0.01, 0.95), rng.randint(1, 20000)
        canary = rng.randint(0, all_)
        bets = [split(canary, all_ - canary, w, m) for m in HARM + PASS]
        splits.append({"share": w, "canary": canary, "stable": all_ - canary, "log_e": bets})
        variance, rho = 10 ** rng.uniform(-2, 5), 10 ** rng.uniform(-1, 4)
        total = rng.uniform(-20, 20) * sqrt(variance + rho)
        mixtures.append({"sum": total, "variance": variance, "rho": rho, "log": mixture(total, variance, rho)})
        values = [rng.lognormvariate(3, 0.8) for _ in range(rng.randint(2, 40))]
        mean = sum(values) / len(values)
        spread = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        sums = [len(values), sum(values), sum(value * value for value in values)]
        means.append({"sums": sums, "mean": mean, "variance": spread})
    print(json.dumps({"splits": splits, "mixtures": mixtures, "means": means}, separators=(",", ":")))


if __name__ == "__main__":
    main()
