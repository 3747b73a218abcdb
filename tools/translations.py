"""The message catalogues: ``--update`` gathers new messages, ``--compile`` makes what the product reads,
``--check`` fails where a message is missing, empty, fuzzy, or its placeholders differ.

English is the language of the messages themselves; German and Hungarian have catalogues.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "marketplace" / "translations"
LANGUAGES = ("de", "hu")
WIDTH = "100"
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def babel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *arguments])


def extract(target: Path) -> None:
    babel(
        "extract", "-F", str(ROOT / "babel.cfg"), "-k", "_l", "--no-location", "--sort-output",
        "-o", str(target), str(ROOT),
    )  # fmt: skip


def catalogue(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def update() -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        for language in LANGUAGES:
            file = catalogue(language)
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                babel("init", "-l", language, "-i", str(template), "-o", str(file), "-w", WIDTH)
            babel(
                "update", "-l", language, "-i", str(template), "-o", str(file), "-N",
                "--ignore-obsolete", "--ignore-pot-creation-date", "-w", WIDTH,
            )  # fmt: skip


def compile_all() -> None:
    for language in LANGUAGES:
        if catalogue(language).exists():
            babel("compile", "-l", language, "-i", str(catalogue(language)), "-o",
                  str(catalogue(language).with_suffix(".mo")))  # fmt: skip


def names(text: str) -> set[str]:
    return {a or b for a, b in PLACEHOLDER.findall(text)}


def wrong_in(language: str, wanted: set[object]) -> list[str]:
    with catalogue(language).open("rb") as file:
        have = read_po(file, locale=language)
    known = {message.id for message in have if message.id}
    found = [f"missing: {key!r}" for key in wanted - known]
    for message in have:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(texts):
            found.append(f"empty or fuzzy: {ids[0]!r}")
        elif any(names(text) - names(" ".join(ids)) for text in texts):
            found.append(f"unknown placeholder: {ids[0]!r}")
        elif names(ids[-1]) - {"num"} - names(texts[-1]):
            found.append(f"placeholder lost: {ids[0]!r}")
    return found


def check() -> int:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        with template.open("rb") as file:
            wanted = {message.id for message in read_po(file) if message.id}
    failed = 0
    for language in LANGUAGES:
        for line in wrong_in(language, wanted):
            failed += 1
            print(f"{language}: {line}")
    print(f"{len(wanted)} messages in {len(LANGUAGES)} languages, {failed} faults")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.update:
        update()
    if asked.update or asked.compile:
        compile_all()
    return check() if asked.check else 0


if __name__ == "__main__":
    sys.exit(main())
