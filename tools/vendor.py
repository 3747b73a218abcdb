#!/usr/bin/env python3
"""Third-party files that we serve or test with: fetched with npm, kept in the repository, hashed.

tools/vendor.py            fetches every package anew and rewrites the files and the manifest
tools/vendor.py --check    compares the files with the manifest (no network)
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Files = list[tuple[str, str, Callable[[bytes], bytes]]]

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "static/vendor/MANIFEST.json"

ICONS = """
leaf recycle hammer factory landmark handshake map-pin map search sliders-horizontal camera scale
calendar clock truck package check x chevron-down chevron-right chevron-left arrow-right
arrow-down-wide-narrow users user menu list layout-grid messages-square file-text download upload
qr-code badge-check triangle-alert info eye lock languages scissors ruler route pencil plus bell
bookmark euro graduation-cap printer hexagon trending-up
arrow-left arrow-left-right arrow-up arrow-down archive badge-x ban bike building-2 calendar-clock
circle-question-mark clipboard-list copy crosshair eraser external-link eye-off file-down flag
flask-conical globe grip-vertical history house image key life-buoy link locate-fixed log-in log-out
mail message-square paperclip phone refresh-cw repeat rotate-ccw save send settings shield-check
lightbulb
sprout star target thermometer-snowflake trash-2 undo-2 warehouse weight wrench zap
"""


def same(data: bytes) -> bytes:
    return data


def without_source_map(data: bytes) -> bytes:
    return re.sub(rb"\n?//# sourceMappingURL=.*\s*$", b"", data)


def layered(data: bytes) -> bytes:
    """Leaflet's stylesheet in a cascade layer, so that ours wins."""
    head = (
        b"/* Leaflet 1.9.4 (BSD-2-Clause, see LICENSE): the original stylesheet inside a cascade "
        b"layer, so that ours wins. */\n@layer vendor {\n"
    )
    return head + data.rstrip(b"\n") + b"\n}\n"


def sprite(folder: Path) -> bytes:
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg">',
        "<!-- Icons: Lucide (ISC licence, see LICENSE-lucide.txt). One symbol each. -->",
    ]
    for name in ICONS.split():
        source = (folder / f"icons/{name}.svg").read_text()
        inner = " ".join(re.search(r"<svg[^>]*>(.*)</svg>", source, re.S)[1].split())  # type: ignore[index]
        parts.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    return ("\n".join([*parts, "</svg>"]) + "\n").encode()


def font(family: str) -> tuple[str, str, str, Files]:
    files: Files = [
        (f"files/{family}-{part}-wght-normal.woff2", f"static/fonts/{family}-{part}.woff2", same)
        for part in ("latin", "latin-ext")
    ]
    licence = ("LICENSE", f"static/fonts/{family}-LICENSE.txt", same)
    return f"@fontsource-variable/{family}", "5.3.0", "OFL-1.1", [*files, licence]


# package, version, licence, [(file in the package, our file, what we do to it)]
PACKAGES: list[tuple[str, str, str, Files]] = [
    (
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        [
            ("dist/leaflet.js", "static/vendor/leaflet/leaflet.js", without_source_map),
            ("dist/leaflet.css", "static/vendor/leaflet/leaflet.css", layered),
            ("LICENSE", "static/vendor/leaflet/LICENSE", same),
        ],
    ),
    (
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        [
            ("axe.min.js", "tests/vendor/axe.min.js", same),
            ("LICENSE", "tests/vendor/axe-LICENSE.txt", same),
        ],
    ),
    (
        "lucide-static",
        "1.62.0",
        "ISC",
        [("LICENSE", "static/icons/LICENSE-lucide.txt", same)],
    ),
    font("besley"),
    font("figtree"),
]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetched(package: str, version: str, into: Path) -> Path:
    spec = f"{package}@{version}"
    done = subprocess.run(
        ["npm", "pack", spec, "--silent", "--pack-destination", str(into)],
        check=True,
        capture_output=True,
        text=True,
    )
    folder = into / spec.replace("/", "-")
    with tarfile.open(into / done.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def rewrite() -> int:
    entries: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for package, version, licence, files in PACKAGES:
            folder = fetched(package, version, Path(temporary))
            made = [(to, change((folder / name).read_bytes())) for name, to, change in files]
            if package == "lucide-static":
                made.append(("static/icons/sprite.svg", sprite(folder)))
            for target, data in made:
                path = ROOT / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                entries[target] = {
                    "package": package,
                    "version": version,
                    "licence": licence,
                    "sha256": digest(path),
                }
    MANIFEST.parent.mkdir(parents=True, exist_ok=True)
    MANIFEST.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(entries)} files from {len(PACKAGES)} packages\n")
    return 0


def faults() -> Iterator[str]:
    if not MANIFEST.is_file():
        yield f"no manifest: {MANIFEST.relative_to(ROOT)}"
        return
    entries: dict[str, dict[str, str]] = json.loads(MANIFEST.read_text())
    for name, entry in entries.items():
        path = ROOT / name
        if not path.is_file():
            yield f"missing: {name}"
        elif digest(path) != entry["sha256"]:
            yield f"changed: {name} is not the file of {entry['package']} {entry['version']}"
    for folder in ("static/vendor", "tests/vendor"):
        for path in (ROOT / folder).rglob("*"):
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and path != MANIFEST and name not in entries:
                yield f"not in the manifest: {name}"


def check() -> int:
    found = list(faults())
    sys.stdout.write("\n".join(found or ["vendor: every file is as listed"]) + "\n")
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare the files with the manifest")
    return check() if parser.parse_args().check else rewrite()


if __name__ == "__main__":
    raise SystemExit(main())
