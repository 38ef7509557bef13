#!/usr/bin/env python3
"""Check the licences, sources and names of everything that is linked into the binary.

Reads the rules from deny.toml, so that it agrees with `cargo deny check licenses bans sources`,
which takes longer to build than the rest of the run takes to finish.
"""

import json
import re
import subprocess
import sys
import tomllib

INDEXES = {
    "https://github.com/rust-lang/crates.io-index": "registry+https://github.com/rust-lang/crates.io-index",
}


def allowed(expression, allow):
    """Whether an SPDX expression can be satisfied with the allowed licences only."""
    words = re.findall(r"\(|\)|[A-Za-z0-9.+-]+", expression.replace("/", " OR "))
    at = 0

    def term():
        nonlocal at
        if words[at] == "(":
            at += 1
            value = either()
            if words[at] != ")":
                raise ValueError(expression)
            at += 1
            return value
        name = words[at]
        at += 1
        if at < len(words) and words[at] == "WITH":
            name += " WITH " + words[at + 1]
            at += 2
        return name in allow

    def both():
        nonlocal at
        value = term()
        while at < len(words) and words[at] == "AND":
            at += 1
            value = term() and value
        return value

    def either():
        nonlocal at
        value = both()
        while at < len(words) and words[at] == "OR":
            at += 1
            value = both() or value
        return value

    try:
        value = either()
    except (IndexError, ValueError):
        return False
    return value and at == len(words)


def violations(packages, rules):
    allow = set(rules["licenses"]["allow"])
    bans = {ban["crate"]: ban for ban in rules["bans"]["deny"]}
    once = {name for name, ban in bans.items() if ban.get("deny-multiple-versions")}
    seen = {}
    sources = {INDEXES[index] for index in rules["sources"]["allow-registry"]}
    for package in packages:
        name = f"{package['name']} {package['version']}"
        if package["source"] is None:
            continue  # our own
        if not package.get("license"):
            yield f"{name}: states no licence"
        elif not allowed(package["license"], allow):
            yield f"{name}: licence {package['license']} is not allowed"
        if package["source"] not in sources:
            yield f"{name}: comes from {package['source']}"
        if package["name"] in once:
            other = seen.setdefault(package["name"], package["version"])
            if other != package["version"]:
                yield f"{name}: beside {other}, {bans[package['name']]['reason']}"
        elif package["name"] in bans:
            yield f"{name}: banned, {bans[package['name']]['reason']}"


def control(rules):
    """The control: the check detects known violations."""
    good = {"name": "a", "version": "1", "license": "(MIT OR GPL-3.0) AND Zlib", "source": list(INDEXES.values())[0]}
    assert not list(violations([good], rules)), "control: a good crate was refused"
    for change in (
        {"license": "GPL-3.0-only"},
        {"license": "MIT AND AGPL-3.0"},
        {"license": None},
        {"license": "LGPL-2.1 OR GPL-2.0"},
        {"source": "git+https://example.com/a"},
        {"name": "openssl-sys"},
    ):
        assert list(violations([good | change], rules)), f"control: {change} was not noticed"
    twice = [good | {"name": "url"}, good | {"name": "url", "version": "2"}]
    assert not list(violations(twice[:1] * 2, rules)), "control: one version was taken for two"
    assert list(violations(twice, rules)), "control: two versions of url were not noticed"


def main():
    with open("deny.toml", "rb") as file:
        rules = tomllib.load(file)
    control(rules)
    linked = {}
    for target in rules["graph"]["targets"]:
        output = subprocess.run(
            ["cargo", "metadata", "--all-features", "--locked", "--format-version=1", "--filter-platform", target],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
        metadata = json.loads(output)
        used = {node["id"] for node in metadata["resolve"]["nodes"]}
        linked |= {package["id"]: package for package in metadata["packages"] if package["id"] in used}
    found = sorted(violations(linked.values(), rules))
    for line in found:
        print(line)
    print(f"{len(linked)} crates, {len(found)} violations")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
