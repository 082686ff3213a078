"""What no file of the project may hold: machines it was written on, registries' hosts, notes to come back to, tokens."""

import re
import unittest

import tree

# Each in two halves, so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": ["/work/" + "main", "/work/" + "shared", r"/work/\." + "library", "/home/" + r"user\b"],
    "a registry's host": ["pypi" + r"\.org", "python" + r"hosted\.", "deb" + r"\.debian\.", "registry" + r"\.npmjs", "crates" + r"\.io",
                          "proxy" + r"\.golang", "maven" + r"\.org", "--index" + "-url", "--trusted" + "-host"],
    "a note to come back to": [r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bHA" + r"CK\b"],
    "who wrote it": [r"(?m)^[#/* >-]*co-authored" + "-by", "generated " + "with ", r"\bas an " + r"AI\b"],
    "what looks like a real token": ["sk-or-" + "v1-[0-9a-f]{8}", "gh" + "[pousr]_[A-Za-z0-9]{20}", r"\b\d{8,10}:" + "AA[A-Za-z0-9_-]{30}",
                                     "BEGIN [A-Z ]*PRIVATE " + r"KEY-----\s+[A-Za-z0-9+/]{20}"],
}
VERBATIM = ("src/leaks/gitleaks.toml",)  # others' data, with their notes
# Registries that the product itself reaches.
NAMES_THEM = {"a registry's host": "src/egress/default_hosts.cpp"}
PATTERNS = [(what, re.compile(pattern, re.IGNORECASE)) for what, patterns in FORBIDDEN.items() for pattern in patterns]


def violations(name, text):
    found = []
    for what, pattern in PATTERNS:
        if NAMES_THEM.get(what) == str(name):
            continue
        for match in pattern.finditer(text):
            found.append(f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {what}")
    return found


class Words(unittest.TestCase):
    def test_none_is_there(self):
        found = []
        for path in tree.files():
            some = violations(path, tree.text(path))
            found += [one for one in some if str(path) not in VERBATIM or not one.endswith("a note to come back to")]
        self.assertEqual(found, [])

    def test_each_would_be_found(self):
        for wrong in ("see /work/" + "main/x", "https://pypi" + ".org/simple", "// TO" + "DO: later", "Co-Authored" + "-By: x"):
            self.assertEqual(len(violations("f", "fine\n" + wrong)), 1, wrong)
        self.assertEqual(violations("f", "the tree at /work/tree, xxx"), [])


if __name__ == "__main__":
    unittest.main()
