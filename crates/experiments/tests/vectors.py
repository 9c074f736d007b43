"""Writes vectors.json: the three methods computed from their formulas, with Python's own mathematics and plain search in
place of the crate's. Run it by hand; the file that it writes is what the test reads."""

import json
import math
import pathlib
import random

RATIOS = [1 + 0.005 * 2**k for k in range(10)]
chance = random.Random(20261123)


def log_e(users, theta, x_v, x_c, ratio, delta):
    rho = theta / (1 - theta)
    r = ratio * (1 + rho) / (1 + rho * ratio)
    s = (1 + rho) / (1 + rho * ratio)
    return x_v * math.log(r) + x_c * math.log(s) - users * theta * (r - 1) * delta


def root(users, theta, x_v, x_c, ratios, side, low):
    def refuted(delta):
        logs = [log_e(users, theta, x_v, x_c, ratio, delta) for ratio in ratios]
        top = max(logs)
        return top + math.log(sum(math.exp(one - top) for one in logs) / len(logs)) >= math.log(1 / side)

    start, end = (-1.0, 1.0) if low else (1.0, -1.0)
    if not refuted(start):
        return start
    for _ in range(200):
        middle = (start + end) / 2
        start, end = (middle, end) if refuted(middle) else (start, middle)
    return start


def conversion():
    theta, users = chance.choice([0.5, 0.1, 0.8]), chance.choice([50, 3_000, 200_000])
    n_v = round(users * theta)
    x_v, x_c = (int(n * chance.choice([0.0, 0.02, 0.11, 0.12, 0.6])) for n in (n_v, users - n_v))
    side = chance.choice([0.025, 0.0125])
    return {
        "control": [users - n_v, x_c], "variant": [n_v, x_v], "theta": theta, "side": side,
        "low": root(users, theta, x_v, x_c, RATIOS, side, True),
        "high": root(users, theta, x_v, x_c, [1 / ratio for ratio in RATIOS], side, False),
    }


def mean():
    arms = []
    for _ in range(2):
        n, m, sd = chance.choice([1_000, 7_000, 90_000]), chance.uniform(-3, 9), chance.uniform(0.1, 30)
        arms.append((n, n * m, (n - 1) * sd * sd + n * m * m, m, sd * sd))
    (n_c, _, _, m_c, v_c), (n_v, _, _, m_v, v_v) = arms
    alpha, n = 0.05, n_c + n_v
    rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / 5_000
    sigma = math.sqrt(n * (v_c / n_c + v_v / n_v))
    width = sigma * math.sqrt(2 * (n * rho2 + 1) / (n * n * rho2) * math.log(math.sqrt(n * rho2 + 1) / alpha))
    return {"arms": [arm[:3] for arm in arms], "low": m_v - m_c - width, "high": m_v - m_c + width}


def ratio():
    weights = chance.choice([[1, 1], [9, 1], [5, 3, 2]])
    users = chance.choice([10, 2_000, 300_000])
    counts = [round(users * w / sum(weights) * chance.uniform(0.97, 1.03)) for w in weights]
    total = []
    for width in (100, 1_000, 10_000):
        alpha = [width * w / sum(weights) for w in weights]
        log = math.lgamma(width) - math.lgamma(width + sum(counts))
        log += sum(math.lgamma(a + n) - math.lgamma(a) for a, n in zip(alpha, counts))
        log -= sum(n * math.log(w / sum(weights)) for w, n in zip(weights, counts))
        total.append(log)
    top = max(total)
    return {"weights": weights, "counts": counts, "log": top + math.log(sum(math.exp(t - top) for t in total) / 3)}


vectors = {"conversion": [conversion() for _ in range(40)], "mean": [mean() for _ in range(40)],
           "ratio": [ratio() for _ in range(40)]}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(vectors, indent=None, separators=(",", ":")) + "\n")
