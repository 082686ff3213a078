"""Files stay small. The limits only fall."""

import statistics
import unittest

import tree

LONGEST = 600
LONG = 500
LONG_SHARE = 0.03
MEDIAN = 110


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
        sizes = {path: tree.text(path).count("\n") for path in tree.files() if tree.is_code(path)}
        test = sum(lines for path, lines in sizes.items() if tree.is_test(path))
        product = sum(sizes.values()) - test
        print(f"{len(sizes)} files, median {statistics.median(sizes.values()):.0f} lines, longest {max(sizes.values())}; "
              f"product {product} lines, tests {test}")
        self.assertEqual(complaints(sizes), [])

    def test_a_long_file_is_found(self):
        self.assertEqual(complaints({"a": 50, "b": 110}), [])
        self.assertEqual(len(complaints({"a": 601, **{str(n): 10 for n in range(99)}})), 1)
        self.assertEqual(len(complaints({"a": 501, "b": 10})), 2)


if __name__ == "__main__":
    unittest.main()
