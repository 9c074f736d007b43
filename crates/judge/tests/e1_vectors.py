"""Writes e1_vectors.json: random block sequences and what the formulas make of them, in plain Python.

The formulas are written out a second time here, in another language and another form (`ln r` and `ln s` directly,
not through `log1p`), so that a slip in one of the two shows. Run it from this directory after changing a formula:

    python3 e1_vectors.py > e1_vectors.json
"""

import json
import random
from math import exp, inf, log, sqrt

HARM = [1.15, 1.3, 1.6, 2.0, 3.0, 5.0, 10.0, 25.0, 60.0]
PASS = [0.2, 0.35, 0.5, 0.65, 0.8, 0.9]
BLOCK_S, HORIZON_S = 10, 10800


def block_log_e(xc, nc, xs, ns, rr, delta):
    if nc == 0 or ns == 0:
        return 0.0
    rho = nc / ns
    r = rr * (1 + rho) / (1 + rho * rr)
    s = (1 + rho) / (1 + rho * rr)
    return xc * log(r) + xs * log(s) - nc * delta * (r - 1)


def log_add_exp(a, b):
    if a == -inf:
        return b
    if b == -inf:
        return a
    m = max(a, b)
    return m + log(exp(a - m) + exp(b - m))


def harm(blocks, starts, delta, phi):
    wealth, reserve = [-inf] * len(HARM), 1.0
    for i, block in enumerate(blocks):
        amount = 0.4 if i == 0 else reserve * (0.2 if i in starts else BLOCK_S / HORIZON_S)
        reserve -= amount
        for k, rr in enumerate(HARM):
            wealth[k] = log_add_exp(wealth[k], log(amount / len(HARM))) + block_log_e(*block, rr, delta) / phi
    return wealth, reserve


def passing(blocks, starts, delta, phi):
    wealth, reserve = [-inf] * (1 + len(PASS)), 1.0
    past_x, past_n = 0, 0
    for i, (xc, nc, xs, ns) in enumerate(blocks):
        if i in starts:
            amount = 0.5 * reserve
            reserve -= amount
            for k in range(len(wealth)):
                wealth[k] = log_add_exp(wealth[k], log(amount * (0.5 if k == 0 else 0.5 / len(PASS))))
        if nc > 0 and ns > 0:
            p = (past_x + 1) / (past_n + 1000)
            n = nc + ns
            b = n * delta - n * p
            q = (-b + sqrt(b * b + 4 * n * ns * p * delta)) / (2 * n)
            adaptive = exp(0.85 * log((p / (q + delta)) / (p / q)))
            for k, rr in enumerate([adaptive] + PASS):
                wealth[k] += block_log_e(xc, nc, xs, ns, rr, delta) / phi
        past_x, past_n = past_x + xs, past_n + ns
    return wealth, reserve


def sequence(rng):
    rate, base = 10 ** rng.uniform(0, 4), 10 ** rng.uniform(-3.5, -1)
    worse = rng.choice([0.0, 0.001, 0.01])
    length = rng.randint(3, 12)
    starts = sorted({0, rng.randrange(length)})
    blocks = []
    for i in range(length):
        share = 0.05 if i < starts[-1] else 0.25
        arm = []
        for part, p in ((share, base + worse), (1 - share, base)):
            n = max(0, round(rng.gauss(1, 0.2) * rate * BLOCK_S * part)) if rng.random() > 0.05 else 0
            x = min(n, max(0, round(rng.gauss(n * p, sqrt(n * p)))))
            arm += [x, n]
        blocks.append(arm)
    return blocks, starts


def main():
    rng = random.Random(20261123)
    cases = []
    for _ in range(1000):
        blocks, starts = sequence(rng)
        delta, phi = rng.choice([0.0005, 0.001, 0.005]), rng.choice([1.0, 1.0, 2.5])
        case = {"blocks": blocks, "phase_starts": starts, "delta": delta, "phi": phi}
        for name, process in (("harm", harm), ("pass", passing)):
            log_wealth, reserve = process(blocks, starts, delta, phi)
            case[name] = {"log_wealth": log_wealth, "reserve": reserve}
        cases.append(case)
    print("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "]")


if __name__ == "__main__":
    main()
