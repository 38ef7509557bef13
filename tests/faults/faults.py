"""Runs the fault tests and prints their counts in one table. Started by `run`; see docs/durability.md."""

import argparse
import contextlib
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

import clients
import clock
import diskfull
import failingdisk
import kill
import logfull
import migration
import pgfailover
import pgkill
import pgnodes
import pgproxy
import pgstuck
import powercut
import twoservers
from server import Broken, Server

TESTS = {
    "kill": kill,
    "powercut": powercut,
    "diskfull": diskfull,
    "logfull": logfull,
    "failingdisk": failingdisk,
    "clients": clients,
    "twoservers": twoservers,
    "migration": migration,
    "clock": clock,
    "pgkill": pgkill,
    "pgnodes": pgnodes,
    "pgproxy": pgproxy,
    "pgstuck": pgstuck,
    "pgfailover": pgfailover,
}


class Run:
    """One running test: its folder, its random generator, and its counts."""

    def __init__(self, name, options, seed, scratch):
        self.name, self.quick, self.binary = name, options.quick, options.binary
        self.random, self.scratch, self.rows = random.Random(f"{seed} {name}"), scratch, []
        self.ends = contextlib.ExitStack()

    def folder(self, name):
        """A folder for a server's data, not created yet: the server creates it."""
        return os.path.join(self.scratch, name)

    def server(self, name, binary=None, **how):
        """A server with its own data folder, always killed at the end."""
        server = Server(binary or self.binary, self.folder(name), **how)
        self.ends.callback(server.kill)
        return server

    def control(self, what, count, of_what):
        """A control that fails as it must; raises when it did not."""
        if not count:
            raise Broken(f"control “{what}” found nothing, so the test could not have found anything either")
        return f"{what}: {count} {of_what}"

    def row(self, part="", kills=0, cuts=0, findings=None, counts=None, note="", controls=()):
        """Adds a line to the table: `findings`, or `counts` of acknowledged, found, lost, duplicates."""
        if findings is not None:
            findings.demand(part or self.name)
            counts = (findings.acknowledged, findings.found, len(findings.lost), len(findings.duplicates))
        if not controls:
            raise Broken(f"{self.name} {part} has no control")
        self.rows.append((f"{self.name} {part}".strip(), kills, cuts, counts, note, list(controls)))


def show(rows):
    print(f"\n{'test':<28}{'kills':>6}{'cuts':>7}{'acknowledged':>14}{'found':>8}{'lost':>6}{'duplicates':>12}  result")
    for name, kills, cuts, counts, note, controls in rows:
        words = [str(count) for count in counts or ()] or ["–"] * 4
        told = "".join(f"{word:>{width}}" for word, width in zip(words, (14, 8, 6, 12)))
        print(f"{name:<28}{kills or '–':>6}{cuts or '–':>7}{told}  passed{f'; {note}' if note else ''}")
        for control in controls:
            print(f"{'':<28}  control failed as it must: {control}")


def main():
    parser = argparse.ArgumentParser(prog="tests/faults/run", description="Faults on purpose: what was acknowledged must survive.")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="only these")
    parser.add_argument("--list", action="store_true", help="the tests, in their order")
    parser.add_argument("--quick", action="store_true", help="fewer kills and sampled cuts, for every change")
    parser.add_argument("--seed", help="of an earlier run, to repeat what chance decided")
    parser.add_argument("--binary", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        for name, module in TESTS.items():
            print(f"{name:<18}{module.__doc__.strip().splitlines()[0]}")
        return 0
    unknown = [name for name in options.tests if name not in TESTS]
    if unknown:
        print(f"no test '{unknown[0]}'; there are: {' '.join(TESTS)}", file=sys.stderr)
        return 2
    seed = options.seed or str(random.SystemRandom().randrange(10**9))
    print(f"seed {seed}")
    rows, failed = [], []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in options.tests or TESTS:
        began, scratch = time.monotonic(), tempfile.mkdtemp(prefix=f"afterword-{name}.")
        run = Run(name, options, seed, scratch)
        try:
            TESTS[name].test(run)
            rows += run.rows
            print(f"-- {name}: passed in {time.monotonic() - began:.0f} s", flush=True)
            run.ends.close()
            shutil.rmtree(scratch, ignore_errors=True)
        except Exception as error:
            failed.append(name)
            if not isinstance(error, Broken):
                traceback.print_exc()
            print(f"-- {name}: FAILED in {time.monotonic() - began:.0f} s: {error}\n   kept: {scratch}", flush=True)
        finally:
            run.ends.close()
    show(rows)
    for name in failed:
        print(f"{name:<28}  FAILED")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    sys.exit(main())
