"""The project's files, for the tests of its structure."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = {".cpp", ".hpp", ".inc", ".py", ".sh", ".cmake", ".sql"}


def files():
    """Every file that git keeps or would keep (new ones too), as paths from the root; without git, those that are there."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        names = [Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if "build" not in path.parts and ".git" not in path.parts]
    return sorted({name for name in names if (ROOT / name).is_file() and not (ROOT / name).is_symlink()})


def is_code(path):
    if path.suffix in CODE or path.name in ("CMakeLists.txt", "Makefile"):
        return True
    return path.suffix == "" and path.parts[0] in ("scripts", ".ci", "tests", "deploy", "packaging") and text(path).startswith("#!")


def is_test(path):
    return (path.stem.endswith("_test") or path.stem.startswith("testing") or path.stem == "raw_server" or path.parts[0] == "tests"
            or "tests" in path.parts)


def text(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")
