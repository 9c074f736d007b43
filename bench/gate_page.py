"""The page that `bench/gate` leaves in docs/bench."""

from plot import line_chart

NAMES = {"nginx": "nginx", "haproxy": "HAProxy", "tidegate": "Tidegate"}

PAGE = """# The gate beside nginx and HAProxy
Written by `bench/gate`; what it does and what it leaves out stands in [bench/README.md](../../bench/README.md).

{date}, commit `{commit}`, {cpu} ({cores} cores, Linux {kernel}), load before the run {load:.1f}. {nginx}; {haproxy}.
All three, the servers behind them and wrk share the same cores, so the ratios are what can be compared, and only within a run: each is
the median of the ratios to nginx in the same round.

{table}

CPU is the time that all threads and processes of the proxy used, in the kernel as well. nginx and HAProxy split by the same cookie;
only the gate counts (per arm, user group and latency), sets a request's id and the headers that tell of the client, and says which arm answered.

## In every round
{charts}
{memory}{idle}"""

TABLE = """| connections | proxy | requests/s | to nginx | p50 | p99 | to nginx | CPU a request | to nginx | failed |
|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def write(folder, result):
    folder.mkdir(exist_ok=True)
    machine = result["machine"]
    page = PAGE.format(
        date=result["date"][:10], commit=result["commit"], cpu=machine["cpu"], cores=machine["cores"], kernel=machine["kernel"],
        load=machine["load_before"], nginx=result["versions"]["nginx"].partition(": ")[2], haproxy=result["versions"]["haproxy"].partition(" - ")[0],
        table=TABLE + "\n".join(row(one) for one in result["summary"]), charts=charts(folder, result["rounds"]),
        memory=memory(folder, result.get("memory")), idle=idle(result["idle_connections"]),
    )
    (folder / "gate.md").write_text(page.rstrip() + "\n")


def row(one):
    return (
        f"| {one['connections']} | {NAMES[one['proxy']]} | {one['requests_per_second']:,.0f} | {one['requests_per_second_to_nginx']:.2f} "
        f"| {one['p50_us'] / 1000:.2f} ms | {one['p99_us'] / 1000:.2f} ms | {one['p99_us_to_nginx']:.2f} "
        f"| {one['cpu_us_per_request']:.1f} µs | {one['cpu_us_per_request_to_nginx']:.2f} | {one['failed']} |"
    )


def charts(folder, turns):
    lines = []
    for connections in sorted({turn["connections"] for turn in turns}):
        for figure, label, scale in (("requests_per_second", "requests per second", 1), ("p99_us", "p99 in ms", 1000)):
            series = [
                (shown, [(turn["round"] + 1, turn[figure] / scale) for turn in turns if (turn["proxy"], turn["connections"]) == (name, connections)])
                for name, shown in NAMES.items()
            ]
            file = f"gate-{figure.removesuffix('_us').replace('_', '-')}-{connections}.svg"
            line_chart(folder / file, f"{label}, {connections} connections", "round", label, series)
            lines.append(f"![{label} at {connections} connections]({file})")
    return "\n".join(lines) + "\n"


def memory(folder, points):
    if not points:
        return ""
    series = [("Tidegate", [(point["requests"] / 1e6, point["resident_bytes"] / 1e6) for point in points])]
    line_chart(folder / "gate-memory.svg", "memory of the gate under load", "million requests", "MB", series)
    first = next(point for point in points if point["requests"] >= points[-1]["requests"] / 10)
    return (
        f"\n## Memory\nAfter {first['requests']:,} requests over 64 connections {first['resident_bytes'] / 1e6:.1f} MB, after "
        f"{points[-1]['requests']:,} {points[-1]['resident_bytes'] / 1e6:.1f} MB.\n\n![memory](gate-memory.svg)\n"
    )


def idle(measured):
    if not measured:
        return ""
    rows = "\n".join(f"| {NAMES[one['proxy']]} | {one['bytes_each'] / 1000:.1f} kB |" for one in measured)
    return (
        f"\n## An idle connection\nWhat each of {measured[0]['connections']:,} connections costs that has had one answer and is kept:\n\n"
        f"| proxy | memory |\n|---|---:|\n{rows}\n"
    )
