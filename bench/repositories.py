#!/usr/bin/python3
"""A repository of a given size, the same each time: what benches measure on.

    python3 bench/repositories.py FOLDER --files N --kind text|python [--commits N]

Makes a bare repository at FOLDER whose `main` has N files in folders of a hundred, and prints nothing. It is written as one stream for
git fast-import, so that 100,000 files take seconds."""

import argparse
import random
import subprocess
import sys
from pathlib import Path

WORDS = ("the a of and that which when where each file row task branch commit reads writes holds finds makes keeps first last every "
         "other some value name place list tree change work line word part number").split()


def text(dice, number):
    lines = [f"{number:06d}"]
    lines += [" ".join(dice.choices(WORDS, k=12)) for _ in range(dice.randint(10, 60))]
    return "\n".join(lines) + "\n"


def python(dice, number):
    parts = [f'"""Module {number:06d}."""\n']
    for n in range(dice.randint(2, 8)):
        first, second = dice.choice(WORDS), dice.choice(WORDS)
        parts.append(f"\n\ndef {first}_{second}_{n}(value, other):\n    \"\"\"{' '.join(dice.choice(WORDS) for _ in range(8))}\"\"\"\n"
                     f"    {second}s = value + other\n    return {second}s * {dice.randint(1, 99)}\n")
    return "".join(parts)


PUBLIC = Path(__file__).resolve().parent / "public"

KINDS = {"text": (text, "txt"), "python": (python, "py")}


def path_of(number, ending):
    """A hundred files in a folder, a hundred folders in one."""
    return f"part{number // 10000:03d}/some{number // 100 % 100:02d}/file{number:06d}.{ending}"


def stream(files, kind, commits):
    make, ending = KINDS[kind]
    dice = random.Random(files)
    yield b"feature done\n"
    for number in range(files):
        body = make(dice, number).encode()
        yield b"blob\nmark :%d\ndata %d\n%s\n" % (number + 1, len(body), body)
    for n in range(commits):
        at = 1700000000 + n * 60
        yield b"commit refs/heads/main\ncommitter Bench <bench@localhost> %d +0000\ndata 5\nwork\n" % at
        if n == 0:
            for number in range(files):
                yield b"M 100644 :%d %s\n" % (number + 1, path_of(number, ending).encode())
        else:
            body = make(dice, files + n).encode()
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (path_of(dice.randrange(files), ending).encode(), len(body), body)
        yield b"\n"
    yield b"done\n"


def make(folder, files, kind="text", commits=3):
    """Gives the folder."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", "--template=", str(folder)], check=True)
    importing = subprocess.Popen(["git", "-C", str(folder), "fast-import", "--quiet", "--done"], stdin=subprocess.PIPE)
    for piece in stream(files, kind, commits):
        importing.stdin.write(piece)
    importing.stdin.close()
    if importing.wait():
        raise SystemExit("git fast-import failed")
    return Path(folder)


def public():
    """Names of the repositories that came from elsewhere."""
    return sorted(path.stem for path in PUBLIC.glob("*.bundle"))


def make_public(folder, name):
    """Gives the folder, as `make` does."""
    subprocess.run(["git", "clone", "-q", "--bare", str(PUBLIC / f"{name}.bundle"), str(folder)], check=True)
    return Path(folder)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", type=Path)
    words.add_argument("--files", type=int, default=1000)
    words.add_argument("--kind", choices=sorted(KINDS), default="text")
    words.add_argument("--commits", type=int, default=3)
    asked = words.parse_args()
    make(asked.folder, asked.files, asked.kind, asked.commits)
    return 0


if __name__ == "__main__":
    sys.exit(main())
