"""Load by wrk: one function, one result. Must never count error responses as throughput."""

import re
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
BROWSER = "gzip, deflate, br, zstd"


class Failed(Exception):
    """A response other than the expected one."""


class Result:
    """wrk's result: requests per second, the 99th percentile of the times in ms, and refusals."""

    def __init__(self, rate, p99, refused, count):
        self.rate, self.p99, self.refused, self.count = rate, p99, refused, count


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk(url, clients=64, seconds=3.0, script=None, arguments=(), headers=(), may_refuse=False, encoding=BROWSER):
    """Loads `url` for these seconds. A response other than 2xx or 3xx fails the run, unless refusals are measured."""
    command = ["wrk", f"-t{min(2, clients)}", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "20s", "--latency"]
    for header in [f"Accept-Encoding: {encoding}", *headers]:
        command += ["-H", header]
    if script:
        command += ["-s", str(HERE / "lua" / script)]
    command += [url, "--", *map(str, arguments)] if arguments else [url]
    # wrk accepts whole seconds.
    command[3] = f"-d{max(1, round(seconds))}s"
    said = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    out = said.stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    if said.returncode or not rate:
        raise Failed(f"wrk: {out}{said.stderr}")
    refused = int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    count = int(re.search(r"(\d+) requests in", out)[1])
    if (refused or broken) and not may_refuse:
        raise Failed(f"{url}: {refused} refused of {count}; {broken[0] if broken else ''}")
    if not count:
        raise Failed(f"{url}: no answer at all")
    p99 = re.search(r"^\s+99%\s+(\S+)", out, re.MULTILINE)
    if not p99:
        raise Failed(f"wrk says nothing of the slow ones: {out}")
    return Result(float(rate[1]), milliseconds(p99[1]), refused, count)
