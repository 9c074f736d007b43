"""The page that `bench/run judge` leaves in docs/bench, and the lines on it that pass or fail."""

import math

from plot import line_chart

OURS = "tidegate"
NAMES = {
    OURS: "Tidegate", "argo_absolute": "Argo abs", "argo_relative": "Argo rel", "argo_relative_5min": "Argo rel 5m",
    "argo_consecutive": "Argo row", "flagger": "Flagger", "flagger_fitted": "Flagger fit", "kayenta_10min": "Kayenta 10m",
    "kayenta_phase_end": "Kayenta end",
}
CHARTED = [OURS, "argo_absolute", "argo_relative", "flagger_fitted", "kayenta_10min", "kayenta_phase_end"]
OTHERS = [method for method in NAMES if method != OURS]

PAGE = """# The judge beside the rules of the field
Written by `bench/run judge`; what it does and what it leaves out stands in [bench/README.md](../../bench/README.md).

{date}, commit `{commit}`, {cpu} ({cores} cores). {runs:,} rollouts of each of {scenarios} scenarios, seeds from {first_seed}, blocks of {block_s} s; {cpu_ms:.0f} ms of
one core for a rollout of 4.5 hours with all nine methods. Brackets are 95 % intervals (Wilson). The traffic is invented: these figures compare
methods on the same rollouts and promise nothing about a service.

## What must hold
{checks}

## The methods
All see the same rollout, on the same timetable (5 % for 30 minutes, 25 % for 1 hour, 50 % for 2 hours; nobody is promoted early), and all leave
out the first 3 minutes of a phase, but for Tidegate's tests for gross failures.

| name | rule |
|---|---|
| Tidegate | this judge with its default settings: harm beyond 0.1 points or 10 %, at most 1 % false rollbacks |
| Argo abs | Argo Rollouts, each minute: errors above 1 % or p99 above 1.5 times what is usual; more than 3 failures |
| Argo rel | each minute: errors 0.1 points above stable or p95 above 1.1 times stable's; more than 3 failures |
| Argo rel 5m | the same on windows of 5 minutes |
| Argo row | the same each minute, 4 failures in a row |
| Flagger | each minute: success below 99 % or p99 above 500 ms, as its documents show; 5 failed checks. The p99 of this service is 512 ms |
| Flagger fit | the same with a p99 of 1.5 times what is usual |
| Kayenta 10m | Kayenta's judge every 10 minutes against a control as large as the canary; fails at 75 points, passes at 95 |
| Kayenta end | the same at the end of each phase, with an allowed increase of 10 % |

## Good releases: taken back although they are no worse than the margins
Percent of rollouts.

{false_rollbacks}

![false rollbacks by traffic](judge-false-rollbacks.svg)
![false rollbacks with clusters within pods](judge-false-rollbacks-pods.svg)

## Bad releases: median delay from the onset
Minutes, over all rollouts that were not taken back before the onset; then the delay that 95 % stay below. "–" is never: more than half (or
more than 5 %) were not taken back. A percentage is what was missed, "early" what was taken back before there was any harm.

{delays}

![delay by size of the regression](judge-delay-by-size.svg)
![delay by traffic](judge-delay-by-traffic.svg)

## Requests harmed until the release was taken back
Mean per rollout: requests of the canary that failed or vanished beyond what stable would have failed. Slow ones are not counted.

{harmed}

## What people see of Tidegate meanwhile
At the end of each phase a release that was not taken back has passed, or is held until there is evidence or somebody decides. *Promoted* has passed
the last phase.

{seen}

## Where Tidegate is slower
{slower}
"""


def write(folder, result):
    folder.mkdir(exist_ok=True)
    rows = result["rows"]
    page = PAGE.format(
        date=result["date"][:10], commit=result["commit"], cpu=result["machine"]["cpu"], cores=result["machine"]["cores"],
        runs=result["runs"], block_s=result["block_s"], first_seed=result["first_seed"], scenarios=len(rows), checks=checks(rows),
        cpu_ms=sum(row["cpu_ms_per_run"] for row in rows) / len(rows), false_rollbacks=false_rollbacks(healthy(rows)),
        delays=delays(harmful(rows)), harmed=harmed(harmful(rows)), seen=seen(rows), slower=slower(rows),
    )
    charts(folder, {row["scenario"]: row for row in rows})
    (folder / "judge.md").write_text(page.rstrip() + "\n")


def healthy(rows):
    return [row for row in rows if row["healthy"]]


def harmful(rows):
    return [row for row in rows if not row["healthy"]]


def of(row, method):
    return next(one for one in row["methods"] if one["method"] == method)


def wilson(count, runs):
    """The 95 % interval of a share, in percent."""
    z, share = 1.959964, count / runs
    middle = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * math.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs))
    return 100 * max(0, middle - half), 100 * min(1, middle + half)


def promoted(row):
    passed = row["ours"]["passed"]
    return passed[2] if len(passed) == 3 else 0


# What must hold


def checks(rows):
    lines = [no_class_above(rows, 0.01), fewer_than_all(rows), none_promoted(rows)]
    for rate in sorted({row["rate"] for row in rows if row["rate"] >= 100}):
        lines.extend(faster(rows, rate))
    table = "\n".join(f"| {WORD[passes]} | {what} | {found} |" for passes, what, found in lines)
    return "| | what | found |\n|---|---|---|\n" + table


WORD = {True: "pass", False: "**FAIL**", None: "nothing to compare"}


def no_class_above(rows, most):
    beyond = [row for row in healthy(rows) if of(row, OURS)["taken_back"] > most * row["runs"]]
    worst = max(healthy(rows), key=lambda row: of(row, OURS)["taken_back"] / row["runs"])
    count = of(worst, OURS)["taken_back"]
    low, high = wilson(count, worst["runs"])
    found = f"worst is {worst['scenario']}: {100 * count / worst['runs']:.2f} % [{low:.2f}, {high:.2f}]"
    if beyond:
        found = f"{len(beyond)} of {len(healthy(rows))} classes are above: " + ", ".join(row["scenario"] for row in beyond) + f"; {found}"
    return not beyond, f"false rollbacks in every healthy class at most {100 * most:.0f} %", found


def fewer_than_all(rows):
    totals = {method: sum(of(row, method)["taken_back"] for row in healthy(rows)) for method in NAMES}
    best = min(OTHERS, key=totals.get)
    runs = sum(row["runs"] for row in healthy(rows))
    found = f"{totals[OURS]:,} of {runs:,}; the fewest of the others are {totals[best]:,} by {NAMES[best]}"
    return totals[OURS] < totals[best], "over all healthy classes fewer false rollbacks than any other rule", found


def none_promoted(rows):
    bad = [(row["scenario"], promoted(row), row["runs"]) for row in harmful(rows) if promoted(row)]
    found = ", ".join(f"{name} {count} of {runs}" for name, count, runs in bad) or f"0 of {sum(row['runs'] for row in harmful(rows)):,}"
    return not bad, "no bad release promoted", found


BOUNDS = [
    ("+1 point", 0.8, lambda row: row["errors"] == 0.01),
    ("+5 points and more", 0.5, lambda row: row["errors"] >= 0.05),
    ("latency +30 % and more", 0.5, lambda row: row["slower"] >= 0.3),
    ("hangs", 0.5, lambda row: row["vanish"] > 0),
]


def faster(rows, rate):
    """Against every rule that is quiet itself, over all good releases at this traffic: whoever cries all the time is fast as well."""
    there = [row for row in rows if row["rate"] == rate]
    quiet = [method for method in OTHERS if false_share(there, method) < 0.05]
    names = ", ".join(f"{NAMES[method]} ({100 * false_share(there, method):.1f} %)" for method in quiet) or "none"
    for label, bound, applies in BOUNDS:
        cases = [row for row in harmful(there) if applies(row)]
        what = f"{rate:,.0f} req/s, {label}: median delay at most {bound} of that of every rule that is wrong on less than 5 % of the good releases there: {names}"
        ratios = [ratio(row, method) for row in cases for method in quiet]
        told = [(value, compared(name, method, value)) for value, name, method in ratios if value is not None]
        if not told:
            yield None, what, "no such rule finds it" if cases else "no such scenario at this traffic"
            continue
        value, worst = max(told)
        yield value <= bound, what, ("never found: " if math.isinf(value) else "worst: ") + worst


def compared(scenario, method, value):
    return f"{scenario} against {NAMES[method]}" + ("" if math.isinf(value) else f", {value:.2f}")


def false_share(rows, method):
    good = healthy(rows)
    return sum(of(row, method)["taken_back"] for row in good) / max(1, sum(row["runs"] for row in good))


def ratio(row, method):
    ours, theirs = of(row, OURS)["delay_median_s"], of(row, method)["delay_median_s"]
    if theirs is None:
        return None, row["scenario"], method
    return math.inf if ours is None else ours / theirs, row["scenario"], method


# The tables


def header(columns):
    return "| " + " | ".join(columns) + " |\n|---|" + "---:|" * (len(columns) - 1) + "\n"


def false_rollbacks(rows):
    lines = []
    for row in rows:
        cells = [f"**{share(row, OURS)}** {interval(row, OURS)}"] + [f"{share(row, method)} {interval(row, method)}" for method in OTHERS]
        lines.append(f"| {row['scenario']}: {row['about']} | " + " | ".join(cells) + " |")
    totals = [f"{100 * false_share(rows, method):.1f}" for method in NAMES]
    lines.append("| *all* | **" + totals[0] + "** | " + " | ".join(totals[1:]) + " |")
    return header(["scenario"] + list(NAMES.values())) + "\n".join(lines)


def share(row, method):
    value = 100 * of(row, method)["taken_back"] / row["runs"]
    return f"{value:.2f}" if 0 < value < 1 else f"{value:.1f}" if 0 < value < 10 else f"{value:.0f}"


def interval(row, method):
    low, high = wilson(of(row, method)["taken_back"], row["runs"])
    return f"[{low:.1f}, {high:.1f}]"


def delays(rows):
    lines = [f"| {row['scenario']}: {row['about']} | " + " | ".join(delay(row, method) for method in NAMES) + " |" for row in rows]
    return header(["scenario"] + list(NAMES.values())) + "\n".join(lines)


def delay(row, method):
    found = of(row, method)
    missed, early = row["runs"] - found["taken_back"], found["early"]
    told = f"{minutes(found['delay_median_s'])} / {minutes(found['delay_95_s'])}"
    if early == row["runs"]:
        told = ""
    low, high = wilson(missed, row["runs"])
    notes = [f"{100 * missed / row['runs']:.0f} % [{low:.1f}, {high:.1f}] missed"] if missed else []
    notes += [f"{100 * early / row['runs']:.0f} % early"] if early else []
    return ", ".join(([told] if told else []) + notes)


def minutes(seconds):
    return "–" if seconds is None else f"{seconds / 60:.1f}"


def harmed(rows):
    lines = [
        f"| {row['scenario']} | " + " | ".join(f"{max(0, of(row, method)['harmed_mean']):,.0f}" for method in NAMES) + " |"
        for row in rows
        if row["errors"] or row["vanish"]
    ]
    return header(["scenario"] + list(NAMES.values())) + "\n".join(lines)


def seen(rows):
    lines = []
    for row in rows:
        ends = list(zip(row["ours"]["reached_end"], row["ours"]["passed"])) + [(0, 0)] * 3
        cells = [f"{100 * passed / row['runs']:.0f} / {100 * (there - passed) / row['runs']:.0f}" for there, passed in ends[:3]]
        causes = ", ".join(f"{cause} {count}" for cause, count in sorted(row["ours"]["causes"].items(), key=lambda one: -one[1]))
        verdict = f"**{100 * promoted(row) / row['runs']:.1f}**" if promoted(row) and not row["healthy"] else f"{100 * promoted(row) / row['runs']:.1f}"
        kind = "good" if row["healthy"] else "bad"
        lines.append(f"| {row['scenario']} | {kind} | {share(row, OURS)} | " + " | ".join(cells) + f" | {verdict} | {causes or '–'} |")
    columns = ["scenario", "", "taken back %", "phase 1: passed / held %", "phase 2", "phase 3", "promoted %", "harm shown by"]
    return header(columns) + "\n".join(lines)


def slower(rows):
    lines = []
    for row in harmful(rows):
        ours = of(row, OURS)["delay_median_s"]
        there = [one for one in rows if one["rate"] == row["rate"]]
        ahead = []
        for method in OTHERS:
            theirs = of(row, method)["delay_median_s"]
            if theirs is not None and (ours is None or theirs < ours):
                by = "and Tidegate never" if ours is None else f"{(ours - theirs) / 60:.1f} min sooner"
                ahead.append(f"{NAMES[method]} {by} ({100 * false_share(there, method):.0f} %)")
        if ahead:
            lines.append(f"| {row['scenario']} | {minutes(ours)} | {'; '.join(ahead)} |")
    if not lines:
        return "Nowhere."
    told = "Median delays. In brackets the false rollbacks of that rule on the good releases of the same traffic.\n\n"
    return told + "| scenario | Tidegate, min | who is sooner |\n|---|---:|---|\n" + "\n".join(lines)


# The charts


def charts(folder, rows):
    by_traffic = lambda names: [(rows[name]["rate"], rows[name]) for name in names]  # noqa: E731
    rates = ("r1", "r10", "r100", "r1000")
    false_rate = lambda row, method: 100 * of(row, method)["taken_back"] / row["runs"]  # noqa: E731
    median = lambda row, method: (of(row, method)["delay_median_s"] or 0) / 60 or None  # noqa: E731
    chart(folder / "judge-false-rollbacks.svg", "false rollbacks, nothing changes", "requests per second", "% of rollouts",
          by_traffic(f"aa_{rate}" for rate in rates), false_rate, log_x=True)
    chart(folder / "judge-false-rollbacks-pods.svg", "false rollbacks, all errors in clusters within pods", "requests per second", "% of rollouts",
          by_traffic(f"aa_pods_{rate}" for rate in rates), false_rate, log_x=True)
    sizes = [(100 * rows[name]["errors"], rows[name]) for name in ("err+0.15pp_r100", "err+1pp_r100", "err+5pp_r100")]
    chart(folder / "judge-delay-by-size.svg", "median delay at 100 requests per second", "points of errors more", "minutes",
          sizes, median, log_x=True, log_y=True)
    chart(folder / "judge-delay-by-traffic.svg", "median delay, +1 point of errors", "requests per second", "minutes",
          by_traffic(f"err+1pp_{rate}" for rate in rates), median, log_x=True, log_y=True)


def chart(path, title, x_label, y_label, places, value, **scales):
    series = []
    for method in CHARTED:
        points = [(x, value(row, method)) for x, row in places if value(row, method) is not None]
        if points:
            series.append((NAMES[method], points))
    line_chart(path, title, x_label, y_label, series, **scales)
