"""Files stay small. The limits only fall."""

import re
import statistics
import unittest

import tree

LONGEST = 400
LONG = 350
LONG_SHARE = 0.03
MEDIAN = 110
GENERATED = {"sql/schema.golden.sql"}  # a test writes it
APART = ("bench", "demo")  # neither product nor test
WORDS = re.compile(r'^\s*"[^"]*[а-яё][^"]*"\S*$', re.MULTILINE | re.IGNORECASE)  # a line of a sentence's Russian, which is no code to test


def complaints(sizes):
    found = [f"{file}: {lines} lines, at most {LONGEST}" for file, lines in sizes.items() if lines > LONGEST]
    long = [file for file, lines in sizes.items() if lines > LONG]
    if len(long) > LONG_SHARE * len(sizes):
        found.append(f"more than {LONG_SHARE:.0%} of {len(sizes)} files have over {LONG} lines: {long}")
    median = statistics.median(sizes.values())
    if median > MEDIAN:
        found.append(f"the median file has {median} lines, at most {MEDIAN}")
    return found


class Size(unittest.TestCase):
    def test_no_file_is_long(self):
        sizes = {path: tree.text(path).count("\n") for path in tree.files() if tree.is_code(path) and str(path) not in GENERATED}
        test = sum(lines for path, lines in sizes.items() if tree.is_test(path))
        product = sum(lines - len(WORDS.findall(tree.text(path))) for path, lines in sizes.items()
                      if not tree.is_test(path) and path.parts[0] not in APART)
        print(f"{len(sizes)} files, median {statistics.median(sizes.values()):.0f} lines, longest {max(sizes.values())}; "
              f"product {product} lines, tests {test}")
        self.assertEqual(complaints(sizes), [])
        self.assertGreaterEqual(test, product, "as many lines of test as of product")

    def test_a_long_file_is_found(self):
        self.assertEqual(complaints({"a": 50, "b": 110}), [])
        self.assertEqual(len(complaints({"a": 401, **{str(n): 10 for n in range(99)}})), 1)
        self.assertEqual(len(complaints({"a": 351, "b": 10})), 2)


if __name__ == "__main__":
    unittest.main()
