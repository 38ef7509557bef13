"""Records a process's disk operations: a log of system calls by strace, parsed into events.

An event has a start and an end, since threads run concurrently: written data may be on the disk from the start of the
call, and is covered only by a sync that started after its end. disk.py computes what a power cut leaves.
"""

import re
import time

CALLS = (
    "openat,creat,pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync,ftruncate,fallocate,"
    "unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat"
)

WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\)\s+= (-?\d+|\?)(.*)$", re.S)
BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$", re.S)
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\)\s+= (-?\d+|\?)(.*)$", re.S)
HEX = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
FD = re.compile(r"^(-?\d+|AT_FDCWD)<(.*?)>(?=,|$| )", re.S)


def wrapper(log, *more):
    """Prefix of a command; the tracer runs as its child, so that the command keeps its process id."""
    return ["strace", "-D", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(log), *more]


def plain(escaped):
    """A descriptor's path, which the tracer writes in hexadecimal."""
    return bytes.fromhex(escaped.replace("\\x", "")).decode() if escaped.startswith("\\x") else escaped


class Event:
    """`call` with its `path` (of the descriptor, or the first named), `data`, `numbers` and `answer`."""

    __slots__ = ("call", "path", "other", "data", "numbers", "flags", "answer", "injected")

    def __init__(self, call, arguments):
        self.call, self.answer, self.injected = call, None, False
        fd = FD.match(arguments)
        strings = [bytes.fromhex(found[0].replace("\\x", "")) for found in HEX.findall(arguments)]
        if any(found[1] for found in HEX.findall(arguments)):
            raise ValueError(f"a string of {call} was cut off")
        self.path, self.other, self.data, self.flags = (plain(fd[2]) if fd else None), None, b"", ""
        if call in ("openat", "creat", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir"):
            self.path, self.flags = strings[0].decode(), arguments
        elif call in ("rename", "renameat", "renameat2", "link", "linkat"):
            self.path, self.other = strings[0].decode(), strings[1].decode()
        else:
            self.data = b"".join(strings)
        rest = HEX.sub("", arguments[fd.end() :] if fd else arguments)
        self.numbers = [int(number) for number in re.findall(r"(?<=, )-?\d+(?=,|$| )", rest)]


def settled(log, patience=20):
    """Waits until the tracer has written the end of the process, whose first thread ends last."""
    deadline, end = time.monotonic() + patience, None
    while time.monotonic() < deadline:
        with open(log, "rb") as file:
            first = file.readline().split(b" ")[0]
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 100))
            end = (file.read().splitlines() or [b""])[-1]
        if first and end.startswith(first + b" ") and b"+++" in end:
            return
        time.sleep(0.05)
    raise ValueError(f"{log} has no end: {end}")


def events(log):
    """Yields ("begin" or "end", event) in the order of the trace."""
    begun = {}
    with open(log, encoding="latin-1") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.endswith("<unfinished ...>"):
                found = BEGUN.match(line)
                if found:
                    begun[found[1]] = event = Event(found[2], found[3])
                    yield "begin", event
                continue
            if "resumed>" in line[:60]:
                found = RESUMED.match(line)
                event = begun.pop(found[1], None) if found else None
                if event is not None:
                    finish(event, found[4], found[5])
                    yield "end", event
                continue
            found = WHOLE.match(line)
            if found:
                event = Event(found[2], found[3])
                yield "begin", event
                finish(event, found[4], found[5])
                yield "end", event
    # Unfinished when the process ended: such a write happened or not, and not later than writes after it.
    for event in begun.values():
        event.answer = {"pwrite64": len(event.data), "write": len(event.data), "ftruncate": 0}.get(event.call, -1)
        yield "end", event


def finish(event, answer, words):
    event.answer = (len(event.data) if event.data else -1) if answer == "?" else int(answer)
    event.injected = "(INJECTED)" in words
