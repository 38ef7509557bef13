"""Two servers on one database file: the second is refused with a clear message, and nothing is damaged.

The same folder, another folder that names the same file, and a link to it. Commands still work while a server runs.
Control: another folder with its own file is served.
"""

import asyncio
import os
import subprocess

from ledger import Ledger, rows_of
from load import Crowd
from server import Broken, free_port, integrity


def refused(server, first):
    try:
        done = server.command("serve", check=False, timeout=10)
    except subprocess.TimeoutExpired:
        raise Broken(f"a second server serves {server.environment['AFTERWORD_DATABASE']}") from None
    if done.returncode == 0 or "another Afterword" not in done.stderr or "AFTERWORD_DATA" not in done.stderr or len(done.stderr.splitlines()) != 1:
        raise Broken(f"a second server was not refused as it should: {done.returncode} {done.stderr!r}")
    if not first.answers("/readyz"):
        raise Broken("the first server suffered")


def second(run, name, folder, database):
    server = run.server(name)
    server.environment |= {"AFTERWORD_DATA": folder, "AFTERWORD_DATABASE": database, "AFTERWORD_LISTEN": f"127.0.0.1:{free_port()}"}
    return server


def test(run):
    first, ledger = run.server("first").register().start(), Ledger()
    link = run.folder("link.db")
    os.symlink(first.file, link)
    seconds = [
        second(run, "same-folder", first.folder, "afterword.db"),
        second(run, "same-file", run.folder("elsewhere"), first.file),
        second(run, "same-link", run.folder("elsewhere-too"), link),
    ]

    async def under_load():
        crowd = Crowd(ledger, first, size=8, path="/two", pages=3)
        await crowd.posted(10)
        for server in seconds:
            await asyncio.to_thread(refused, server, first)
            await asyncio.to_thread(first.command, "site", "list")
            await crowd.posted(10)
        await crowd.stop()

    asyncio.run(under_load())
    findings = ledger.audit(rows_of(first.file))
    other = run.server("other").register().start()
    served = other.answers("/readyz")
    other.stop()
    # The lock ends with the process, however it ended.
    first.kill()
    first.start()
    first.stop()
    integrity(first.file)
    run.row(kills=1, findings=findings, note=f"{len(seconds)} refused", controls=[run.control("another folder", int(served), "served")])
