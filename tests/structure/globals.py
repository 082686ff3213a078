"""No mutable globals: what our libraries keep in writable memory is a constant that is made at its first use.

    globals.py BUILD_FOLDER

Constants that are known at compile time are in read-only sections and do not show here at all.
"""

import re
import subprocess
import sys
import unittest
from pathlib import Path

import tree

BUILD = Path(sys.argv.pop(1)) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else tree.ROOT / "build/dev"
WRITABLE = re.compile(r"\.(bss|data|tbss|tdata)(?!\.rel\.ro)")
OURS = re.compile(r"^(persais::|\(anonymous namespace\)::|[a-z_]\w*$)")

# Name → why it may change.
ALLOWED = {
    "persais::http::(anonymous namespace)::start_curl()::started": "curl must be started once a process, before threads",
}


def writable(library):
    """The demangled names of our variables in writable sections. (Only those are demangled: all of them take seconds.)"""
    listed = subprocess.run(["nm", "--format=sysv", library], capture_output=True, text=True, check=True)
    fields = [[field.strip() for field in line.rsplit("|", 6)] for line in listed.stdout.splitlines()]
    found = [row[0] for row in fields if len(row) == 7 and WRITABLE.match(row[6])]
    names = subprocess.run(["c++filt"], input="\n".join(found), capture_output=True, text=True, check=True)
    return [name for name in names.stdout.splitlines() if OURS.match(name)]


def short(symbol):
    """persais::x::f(int)::words[abi:cxx11] → words"""
    return re.search(r"(\w+)(\[abi:\w+\])*$", symbol)[1]


def is_constant(name, sources):
    """Declared const, in whichever of the folder's files declares it."""
    declared = re.compile(rf"^[^/\n]*\b(const|constexpr)\b[^;{{}}()=]*\b{name}\b", re.MULTILINE)
    return any(declared.search(source) for source in sources)


def violations(symbols, sources):
    return sorted({symbol for symbol in symbols if symbol not in ALLOWED and not is_constant(short(symbol), sources)})


class Globals(unittest.TestCase):
    def test_our_libraries_have_none(self):
        libraries = sorted(BUILD.glob("libpersais_*.a"))
        self.assertTrue(libraries, f"nothing is built in {BUILD}")
        found = []
        for library in libraries:
            name = library.stem.removeprefix("libpersais_")
            folders = [tree.ROOT / "src" / name, tree.ROOT / "src" / name.replace("_", "/", 1)]  # telegram_api: telegram/api
            sources = [path.read_text() for folder in folders for path in folder.rglob("*.?pp")]
            found += violations(writable(library), sources)
        self.assertEqual(found, [])

    def test_a_variable_is_found_and_a_constant_is_not(self):
        symbols = ["persais::a::count", "persais::a::f()::words[abi:cxx11]", "persais::b::g()::engine"]
        source = "int count = 0;\nvoid f() { }\n    static const std::regex words(\"x\");\n    thread_local std::mt19937 engine;\n"
        self.assertEqual(violations(symbols, [source]), ["persais::a::count", "persais::b::g()::engine"])
        self.assertTrue(WRITABLE.match(".bss.x") and WRITABLE.match(".tbss") and not WRITABLE.match(".data.rel.ro.x"))
        self.assertFalse(OURS.match("guard variable for persais::x"))


if __name__ == "__main__":
    unittest.main()
