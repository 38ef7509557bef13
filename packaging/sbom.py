#!/usr/bin/env python3
"""Write the bill of materials of a release: every linked crate, with licence and checksum.

usage: sbom.py FILE      (cyclonedx-python-lib must be installed; sbom.sh does it)

CycloneDX 1.6 as JSON, from `cargo metadata` and Cargo.lock. Crates of tests and build scripts only are left
out, since they are not in the binary. The same sources produce the same file: no time, no random number.
"""

import json
import subprocess
import sys
import tomllib
import uuid

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

TARGET = "x86_64-unknown-linux-musl"


def linked(nodes, root):
    """Ids of the packages linked into `root`, and the edges: normal dependencies only, without those of macros."""
    edges, waiting = {}, [root]
    while waiting:
        one = waiting.pop()
        if one in edges:
            continue
        edges[one] = [
            dependency["pkg"]
            for dependency in nodes[one]["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        ]
        waiting += edges[one]
    return edges


def main():
    metadata = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--features", "jemalloc", "--locked", "--format-version=1", "--filter-platform", TARGET],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    )
    with open("Cargo.lock", "rb") as file:
        sums = {(one["name"], one["version"]): one.get("checksum") for one in tomllib.load(file)["package"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    edges = linked(nodes, root)
    # A procedural macro and its dependencies run in the compiler; nothing of them is linked.
    macros = {one for one in edges if any("proc-macro" in target["kind"] for target in packages[one]["targets"])}
    edges = linked({one: {"deps": [d for d in nodes[one]["deps"] if d["pkg"] not in macros]} for one in nodes}, root)

    parts = {}
    for one in sorted(edges):
        package = packages[one]
        checksum = sums.get((package["name"], package["version"]))
        parts[one] = Component(
            type=ComponentType.APPLICATION if one == root else ComponentType.LIBRARY,
            name=package["name"],
            version=package["version"],
            bom_ref=f"{package['name']}@{package['version']}",
            purl=PackageURL("cargo", None, package["name"], package["version"]),
            licenses=[LicenseExpression(package["license"].replace("/", " OR "))] if package["license"] else [],
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
            description=package["description"] and " ".join(package["description"].split()),
        )
    bom = Bom(components=[part for one, part in parts.items() if one != root])
    bom.metadata.component = parts[root]
    for one, used in edges.items():
        bom.register_dependency(parts[one], [parts[other] for other in used])
    # The serial number is derived from the contents, not from the time.
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(sorted(map(str, sums.items()))))
    bill = json.loads(JsonV1Dot6(bom).output_as_string())
    bill["metadata"].pop("timestamp", None)
    text = json.dumps(bill, indent=1, sort_keys=True) + "\n"

    # The controls: it is valid, and has crates that are certainly linked and none of the tests'.
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault:
        sys.exit(f"not valid: {fault}")
    names = {part["name"] for part in bill["components"]}
    with open("Cargo.toml", "rb") as file:
        manifest = tomllib.load(file)
    missing = sorted(set(manifest["dependencies"]) - names)
    strays = sorted((set(manifest["dev-dependencies"]) - set(manifest["dependencies"])) & names)
    bare = sorted(part["name"] for part in bill["components"] if not part.get("licenses") or not part.get("hashes"))
    if missing or strays or bare or len(names) < 100:
        sys.exit(f"not the bill of this binary: {len(names)} names; missing {missing}, of tests only {strays}, bare {bare}")
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(text)
    print(f"{sys.argv[1]}: {len(bill['components'])} crates, each with licence and checksum")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
