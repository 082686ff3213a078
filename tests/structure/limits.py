"""docs/limits.md names each limit of the folders' limits.hpp with its value, and something reads each of them. `limits.py --write` brings it up to date: values
from the code, words from the document, or for a new limit from the code's comment."""

import re
import sys
import unittest

import tree

LIMIT = re.compile(r"^inline constexpr ([\w:]+) (\w+) = ([^;]+);[ \t]*(?://[ \t]*(.*))?$", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
UNITS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}
DOCUMENT = tree.ROOT / "docs/limits.md"
HEAD = """# Limits

Every wait, queue and buffer has a limit with a name in the `limits.hpp` of its folder; a test holds this page to it. What people may
change is in [settings.md](settings.md) (the coder's, the checks' and the lease's times, budgets, attempts).

| name | value | of what |
|---|---|---|
"""


def quantity(name, number):
    """Bytes and plain numbers as people write them."""
    if not name.endswith("_bytes"):
        return f"{number:,}"
    for size, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number >= size and number % size == 0:
            return f"{number // size} {unit}"
    return f"{number:,} bytes"


def time(milliseconds):
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")):
        if milliseconds > size and milliseconds % size == 0 or milliseconds == size:
            return f"{milliseconds // size:.0f} {unit}"
    return f"{milliseconds:g} ms"


def shown(name, value):
    if value.startswith("{"):
        return ", ".join(shown(name, part.strip()) for part in value.strip("{}").split(","))
    factors = re.findall(r"(\d[\d']*)(\w*)", value)
    if re.sub(r"(\d[\d']*)(\w*)", "", value).replace("*", "").strip():
        raise ValueError(f"{name}: {value} is no product of numbers")
    product, unit = 1, None
    for number, suffix in factors:
        product *= int(number.replace("'", ""))
        if suffix in UNITS:
            product, unit = product * UNITS[suffix], "ms"
    return time(product) if unit else quantity(name, product)


def headers():
    return [path for path in tree.files() if path.parts[0] == "src" and path.name == "limits.hpp"]


def code():
    return "\n".join(tree.text(path) for path in headers())


def unread(names, sources):
    """Those that no product code reads; sources: texts."""
    read = {name for source in sources for name in re.findall(r"\blimits::(\w+)", source)}
    return sorted(set(names) - read)


def of_code(header):
    return {name: (shown(name, value), comment) for _, name, value, comment in LIMIT.findall(header)}


def of_document(document):
    return {name: (value.strip(), words.strip()) for name, value, words in ROW.findall(document)}


def write():
    known = of_document(DOCUMENT.read_text()) if DOCUMENT.exists() else {}
    rows = [f"| `{name}` | {value} | {known.get(name, ('', ''))[1] or comment} |\n"
            for name, (value, comment) in of_code(code()).items()]
    DOCUMENT.write_text(HEAD + "".join(rows))


class Limits(unittest.TestCase):
    def test_the_document_says_what_the_code_says(self):
        known, document = of_code(code()), of_document(DOCUMENT.read_text())
        self.assertGreater(len(known), 10)
        self.assertEqual({name: value for name, (value, _) in document.items()},
                         {name: value for name, (value, _) in known.items()}, "tests/structure/limits.py --write mends it")
        self.assertEqual([name for name, (_, words) in document.items() if not words], [], "each says what it limits")

    def test_every_constant_is_read(self):
        self.assertEqual(code().count("inline constexpr"), len(of_code(code())))

    def test_each_is_read_by_the_product(self):
        product = [tree.text(path) for path in tree.files()
                   if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp") and not tree.is_test(path)]
        self.assertEqual(unread(of_code(code()), product), [])

    def test_one_that_nobody_reads_is_found(self):
        self.assertEqual(unread(["a", "b"], ["x = limits::a;", "// b"]), ["b"])

    def test_values_are_shown_as_people_write_them(self):
        for name, value, text in (("a_bytes", "16 * 1024", "16 KiB"), ("a_bytes", "1024UL * 1024 * 1024", "1 GiB"), ("a", "14 * 24h", "14 d"),
                                  ("a", "500ms", "500 ms"), ("a", "90s", "90 s"), ("a", "120s", "2 min"), ("a", "1024", "1,024"),
                                  ("a", "{1000ms, 3000ms}", "1 s, 3 s"), ("a_bytes", "300", "300 bytes")):
            self.assertEqual(shown(name, value), text)


if __name__ == "__main__":
    write() if sys.argv[1:] == ["--write"] else unittest.main()
