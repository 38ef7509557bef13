"""The systemd unit: valid, as restricted as possible, and not too restricted for the program."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from server import BINARY, ROOT, Server, expect

UNIT = ROOT / "packaging" / "systemd" / "afterword.service"
# systemd's exposure level, from 0 (none) to 10 (all).
MOST_EXPOSED = 1.5


def exposure(text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "afterword.service")
        file.write_text(text)
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", file], capture_output=True)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout.decode())
    expect(found, f"systemd-analyze says: {said.stdout.decode()[-300:]}{said.stderr.decode()}")
    return float(found[1])


def verified(text):
    """systemd's warnings, except about the program's path on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "afterword")
        shutil.copy(BINARY, program)
        file = Path(folder, "afterword.service")
        file.write_text(text.replace("/usr/bin/afterword", str(program)))
        said = subprocess.run(["systemd-analyze", "verify", file], capture_output=True)
    return said.stderr.decode()


def expanded(name, known={}):
    """The system calls in one of systemd's groups."""
    if name not in known:
        said = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, check=True)
        words = [line.strip() for line in said.stdout.decode().splitlines()[1:]]
        calls = set()
        for word in words:
            if word.startswith("@"):
                calls |= expanded(word)
            elif word and not word.startswith("#"):
                calls.add(word)
        known[name] = calls
    return known[name]


def allowed(text):
    calls = set()
    for line in re.findall(r"^SystemCallFilter=(.+)$", text, re.M):
        groups = line.lstrip("~").split()
        for group in groups:
            calls = calls - expanded(group) if line.startswith("~") else calls | expanded(group)
    return calls


def used():
    """The system calls of a server that starts, serves reads, writes and a scrape, and stops."""
    with tempfile.TemporaryDirectory(prefix="afterword-operations-") as folder:
        trace = Path(folder, "trace")
        with Server(folder, wrapper=("strace", "-f", "-c", "-S", "name", "-o", str(trace))) as server:
            for n in range(20):
                server.post(n)
                server.read_thread()
            from metrics import scrape
            scrape(server.metrics)
            # strace forwards the signal to its child only if strace itself receives it.
            subprocess.run(["pkill", "-TERM", "-P", str(server.process.pid)], check=True)
            server.process.wait(20)
        rows = [line.split() for line in trace.read_text().splitlines()]
    return {row[-1] for row in rows if len(row) >= 5 and row[0][0].isdigit() and row[-1] != "total"}


def check():
    text = UNIT.read_text()
    said = verified(text)
    expect(not said, f"systemd-analyze verify says: {said}")
    expect(verified(text.replace("PrivateTmp=", "PrivateTemp=")), "control: a misspelt key was not noticed")
    level = exposure(text)
    expect(level <= MOST_EXPOSED, f"the unit's exposure is {level}, more than {MOST_EXPOSED}")
    bare = re.sub(r"^(Protect|Private|Restrict|Capability|SystemCall|NoNew|Lock|Memory|Remove)\S*\n", "", text, flags=re.M)
    expect(exposure(bare) > 5, "control: a unit without any protection is found closed")
    calls, may = used(), allowed(text)
    expect({"pwrite64", "accept4", "openat"} <= calls, f"control: strace saw only {sorted(calls)}")
    expect("reboot" not in may and "chown" not in may, "control: the filter lets everything through")
    # execve is the unit's own start; SQLite changes the owner of files only when root runs it.
    denied = calls - may - {"execve"} - ({"fchown"} if os.geteuid() == 0 else set())
    expect(not denied, f"the unit's filter would refuse {sorted(denied)}")
    return f"the unit's exposure is {level}; its filter lets the {len(calls)} system calls through that the program makes"
