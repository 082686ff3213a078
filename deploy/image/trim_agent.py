#!/usr/bin/env python3
"""Takes out of an agent environment what Persais never loads, and compiles what stays.

    trim_agent.py [--no-compile] ENVIRONMENT

Each line of GONE was found by tracing which files the agent's own tests open, and is shown to be right by the same tests
running on the trimmed environment (tests/image, part `agent`). A pattern that matches nothing is an error: after a new
version of aider this list is looked at again.
"""

import compileall
import shutil
import sys
from pathlib import Path

GONE = {
    "installers: the environment is never changed again": [
        "pip", "pip-*.dist-info", "setuptools", "setuptools-*.dist-info", "pkg_resources", "_distutils_hack", "distutils-precedence.pth"],
    "litellm's own proxy: its web pages and swagger": ["litellm/proxy/_experimental", "litellm/proxy/swagger"],
    "of scipy, networkx' page rank uses sparse matrices and what they stand on": [
        f"scipy/{name}" for name in ("cluster", "constants", "datasets", "differentiate", "fft", "fftpack", "integrate", "interpolate",
                                     "io", "misc", "ndimage", "odr", "optimize", "signal", "spatial", "special", "stats")],
    "numpy's builders of extensions": ["numpy/f2py", "numpy/distutils", "numpy/core/include", "numpy/core/lib", "numpy/random/lib"],
    "tests of the libraries": [f"{name}/**/tests" for name in ("numpy", "scipy", "networkx")],
}

# Grammars: those that aider has a query for, and small ones whose files are everywhere (aider says a line about each
# file whose grammar it cannot load).
COMMON = {"bash", "css", "dockerfile", "gitattributes", "gitignore", "html", "ini", "json", "make", "markdown", "markdown_inline", "scss",
          "toml", "tsx", "xml"}


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def trim(packages):
    for why, patterns in GONE.items():
        for pattern in patterns:
            found = list(packages.glob(pattern))
            if not found:
                sys.exit(f"trim_agent: nothing is called {pattern} ({why})")
            for path in found:
                if path.exists():  # a folder inside one that is gone already
                    remove(path)


def trim_grammars(packages):
    queries = {path.name.removesuffix("-tags.scm") for path in packages.glob("aider/queries/*/*-tags.scm")}
    if not queries:
        sys.exit("trim_agent: aider's queries are not where they were")
    for grammar in packages.glob("tree_sitter_language_pack/bindings/*.so"):
        if grammar.name.split(".")[0] not in queries | COMMON:
            grammar.unlink()


def main():
    compiled = sys.argv[1] != "--no-compile"
    root = Path(sys.argv[-1])
    [packages] = root.glob("lib/python3.*/site-packages")
    trim(packages)
    trim_grammars(packages)
    for script in (root / "bin").iterdir():  # what is started is bin/python
        if not script.name.startswith("python"):
            script.unlink()
    # Compiled here: sandboxes see it read-only, and uncompiled it starts seconds slower. A few files of other Pythons fail.
    if compiled:
        compileall.compile_dir(root / "lib", quiet=2, workers=0, invalidation_mode=None)


if __name__ == "__main__":
    main()
