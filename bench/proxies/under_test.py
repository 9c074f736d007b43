"""The proxies that are compared, each started as its operators would, and what the system says of their processes."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).parent
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def missing():
    """What has to be installed before anything can be measured."""
    return [tool for tool in ("wrk", "nginx", "haproxy") if shutil.which(tool) is None]


def version(tool):
    asked = subprocess.run([tool, "-v"], capture_output=True, text=True)
    said = (asked.stdout + asked.stderr).strip().splitlines()
    return said[0] if said else "unknown"


class Proxy:
    """A running program and where users reach it. Ends with the `with` block that it is used in."""

    def __init__(self, name, command, port, folder):
        self.name, self.port = name, port
        self.output = open(folder / f"{name}.out", "wb")
        # A group of its own, so that nothing that it starts outlives it.
        self.process = subprocess.Popen(command, stdout=self.output, stderr=self.output, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def pids(self):
        """Its processes: nginx has workers, the others threads."""
        found = [self.process.pid]
        for pid in found:
            with open(f"/proc/{pid}/task/{pid}/children") as children:
                found += [int(child) for child in children.read().split()]
        return found

    def cpu_seconds(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def resident_bytes(self):
        """Private pages only: what nginx's processes share would be counted for each of them."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith(("Private_Dirty:", "Private_Clean:")))
        return total * 1024

    def wait_until_it_answers(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
                connection.request("GET", "/", headers={"Cookie": "uid=first"})
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        self.output.flush()
        said = pathlib.Path(self.output.name).read_text(errors="replace")[-2000:]
        raise SystemExit(f"{self.name} does not answer:\n{said}")


def configured(template, folder, **values):
    text = (HERE / template).read_text()
    for name, value in {"DIR": folder, **values}.items():
        text = text.replace(f"@{name}@", str(value))
    path = folder / template.removesuffix(".in")
    path.write_text(text)
    return path


class Origin(Proxy):
    def __init__(self, folder):
        self.stable, self.canary = free_port(), free_port()
        config = configured("origin.conf.in", folder, STABLE=self.stable, CANARY=self.canary, BODY="x" * 1024)
        super().__init__("origin", ["nginx", "-c", config], self.stable, folder)
        self.wait_until_it_answers()


def nginx(folder, origin, workers):
    port = free_port()
    config = configured("nginx.conf.in", folder, PORT=port, WORKERS=workers, STABLE=origin.stable, CANARY=origin.canary)
    return Proxy("nginx", ["nginx", "-c", config], port, folder).wait_until_it_answers()


def haproxy(folder, origin, workers):
    port = free_port()
    config = configured("haproxy.cfg.in", folder, PORT=port, WORKERS=workers, STABLE=origin.stable, CANARY=origin.canary)
    return Proxy("haproxy", ["haproxy", "-db", "-f", config], port, folder).wait_until_it_answers()


def tidegate(folder, origin, program):
    """The gate with all that it does by default: counting per arm and block, stickiness, request ids, the arm in each response."""
    port, home = free_port(), folder / "gate"
    gate = Proxy("tidegate", [program, "gate", "--dir", home], port, folder)
    order = {
        "fence": 1, "generation": 1, "listen": f"127.0.0.1:{port}", "salt": "bench", "share_ppm": 100_000,
        "sticky": [{"cookie": "uid"}], "stable": "1.0", "canary": "1.1",
        "versions": [
            {"version": "1.0", "upstream": {"address": f"127.0.0.1:{origin.stable}"}},
            {"version": "1.1", "upstream": {"address": f"127.0.0.1:{origin.canary}"}},
        ],
    }
    deadline = time.monotonic() + 20
    while not (home / "gate.sock").exists() and gate.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    status, said = call_gate(home, "PUT", "/v1/services/bench", order)
    if status >= 300:
        raise SystemExit(f"the gate refuses the order: {said}")
    return gate.wait_until_it_answers()


def call_gate(home, method, path, body=None):
    connection = http.client.HTTPConnection("gate", timeout=5)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(home / "gate.sock"))
    connection.request(method, path, body=None if body is None else json.dumps(body))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()
