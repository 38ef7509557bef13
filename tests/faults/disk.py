"""A simulated disk that keeps the minimum: the files that may exist after a power cut.

Synced data is certain. Later writes may be present or not, whole or by sectors, in any order; a name is certain once
its folder was synced, and the names of one folder appear in order. A system call with an injected fault (strace) never
reached the disk.
"""

import os

SECTOR = 512


class File:
    def __init__(self):
        self.certain, self.pending = bytearray(), []

    def image(self, random):
        """One content that the cut may have left."""
        content, whim = bytearray(self.certain), random.choice(("nothing", "all", "beginning", "writes", "sectors", "sectors"))
        cut = random.randint(0, len(self.pending))
        for n, op in enumerate(self.pending):
            if whim == "nothing" or (whim == "beginning" and n > cut) or (whim == "writes" and random.random() < 0.5):
                continue
            torn = whim == "sectors" or (whim == "beginning" and n == cut)
            apply(content, op, (lambda: random.random() < 0.5) if torn else None)
        return content


class Op:
    __slots__ = ("kind", "offset", "data", "ended")

    def __init__(self, kind, offset, data=b""):
        self.kind, self.offset, self.data, self.ended = kind, offset, data, False


def apply(content, op, chance=None):
    if op.kind == "truncate":
        if chance and not chance():
            return
        if op.offset < len(content):
            del content[op.offset :]
        else:
            content.extend(bytes(op.offset - len(content)))
        return
    end = op.offset + len(op.data)
    for begin in range(op.offset, end, SECTOR) if chance else (op.offset,):
        stop = min(begin + SECTOR, end) if chance else end
        if chance and not chance():
            continue
        if stop > len(content):
            content.extend(bytes(stop - len(content)))
        content[begin:stop] = op.data[begin - op.offset : stop - op.offset]


class Disk:
    """The files below `root`, which exists from the start, as do its parents."""

    def __init__(self, root):
        self.root = str(root)
        self.now, self.certain, self.pending = {}, {}, {}
        self.syncs, self.writes, self.covers, self.ops = {}, {}, {}, {}

    def inside(self, path):
        return path is not None and (path == self.root or path.startswith(self.root + "/"))

    def see(self, phase, event):
        """Applies an event of the recorder."""
        if not self.inside(event.path) or "(deleted)" in event.path:
            return
        if event.call in UNKNOWN:
            raise ValueError(f"{event.call} of {event.path}: this disk does not know what that does")
        handler = getattr(self, f"{phase}_{KINDS.get(event.call, 'other')}", None)
        if handler:
            handler(event)

    # ---- content

    def begin_write(self, event):
        if event.injected:
            return
        # pwrite64(fd, data, count, offset); a plain write to a new file appends.
        file = self.file(event.path)
        offset = event.numbers[-1] if event.call == "pwrite64" else self.writes.get(event.path, 0)
        self.add(event, file, Op("write", offset, event.data))

    def begin_truncate(self, event):
        self.add(event, self.file(event.path), Op("truncate", event.numbers[-1]))

    def add(self, event, file, op):
        file.pending.append(op)
        self.ops[id(event)] = (event, file, op)

    def end_write(self, event):
        held = self.ops.pop(id(event), None)
        if held is None:
            return
        _, file, op = held
        if event.injected or event.answer < 0:
            file.pending.remove(op)
            return
        op.data, op.ended = op.data[: event.answer], True
        self.writes[event.path] = self.writes.get(event.path, 0) + event.answer

    def end_truncate(self, event):
        _, file, op = self.ops.pop(id(event))
        if event.answer < 0:
            file.pending.remove(op)
        op.ended = True

    # ---- names

    def end_open(self, event):
        if event.answer < 0:
            return
        path = event.path
        if "O_CREAT" in event.flags and path not in self.now:
            self.name(path, File())
            self.writes[path] = 0
        if "O_TRUNC" in event.flags and path in self.now:
            op = Op("truncate", 0)
            op.ended = True
            self.file(path).pending.append(op)
            self.writes[path] = 0

    def end_mkdir(self, event):
        if event.answer == 0:
            self.name(event.path, "folder")

    def end_unlink(self, event):
        if event.answer == 0:
            self.name(event.path, None)

    def end_rename(self, event):
        if event.answer == 0:
            moved = self.now.get(event.path)
            # Atomic: both names change together or not at all.
            self.names(os.path.dirname(event.other), [(event.other, moved), (event.path, None)])

    def name(self, path, what):
        self.names(os.path.dirname(path), [(path, what)])

    def names(self, folder, changes):
        for path, what in changes:
            if what is None:
                self.now.pop(path, None)
            else:
                self.now[path] = what
        self.pending.setdefault(folder, []).append(changes)

    def file(self, path):
        if not isinstance(self.now.get(path), File):
            self.name(path, File())
        return self.now[path]

    # ---- syncs

    def begin_sync(self, event):
        target = self.now.get(event.path)
        if isinstance(target, File):
            self.covers[id(event)] = (event, target, [op for op in target.pending if op.ended])
        else:
            self.covers[id(event)] = (event, None, list(self.pending.get(event.path, [])))

    def end_sync(self, event):
        _, file, covered = self.covers.pop(id(event))
        if event.injected or event.answer != 0:
            return
        self.syncs[event.path] = self.syncs.get(event.path, 0) + 1
        if file is None:
            for changes in covered:
                self.make_certain(changes, self.certain)
                self.pending[event.path].remove(changes)
            return
        for op in covered:
            apply(file.certain, op)
        gone = {id(op) for op in covered}
        file.pending = [op for op in file.pending if id(op) not in gone]

    @staticmethod
    def make_certain(changes, names):
        for path, what in changes:
            if what is None:
                names.pop(path, None)
            else:
                names[path] = what

    # ---- the cut

    def cut(self, random, into):
        """Writes one image that a power cut now could leave, below the folder `into`."""
        names = dict(self.certain)
        for changes in self.pending.values():
            for change in changes[: random.choice((0, len(changes), random.randint(0, len(changes))))]:
                self.make_certain(change, names)
        for path in sorted(names):
            target = into + path[len(self.root) :]
            if not os.path.isdir(os.path.dirname(target)):
                continue
            if isinstance(names[path], File):
                with open(target, "wb") as file:
                    file.write(names[path].image(random))
            else:
                os.mkdir(target)


# All calls that may change a file, so that none is missed.
UNKNOWN = ("writev", "pwritev", "fallocate", "link", "linkat")

KINDS = {
    **dict.fromkeys(("pwrite64", "write"), "write"),
    "ftruncate": "truncate",
    **dict.fromkeys(("openat", "creat"), "open"),
    **dict.fromkeys(("mkdir", "mkdirat"), "mkdir"),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), "unlink"),
    **dict.fromkeys(("rename", "renameat", "renameat2"), "rename"),
    **dict.fromkeys(("fsync", "fdatasync"), "sync"),
}
