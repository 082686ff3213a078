"""Cancellation has one mechanism: base/cancellable.hpp binds the slots, base/uninterrupted.hpp says where none is thrown.

A slot that is bound by hand is a use after free waiting for a busy machine: Boost posts a cancellation from outside the
loop with a pointer into the signal, which has to live until that was delivered.
"""

import re
import unittest

import tree

# What only the named files may say. The precompiled header includes all of Boost that is often used.
ONLY_IN = {
    r"\bbind_cancellation_slot\b|\bcancellation_signal\b|\bcancellation_slot\b": {"src/base/cancellable.hpp"},
    r"\bthrow_if_cancelled\b": {"src/base/cancellable.hpp", "src/base/uninterrupted.hpp"},
}
COMMENT = re.compile(r"//[^\n]*")


def violations(sources):
    """sources: (file, text)."""
    found = []
    for file, text in sources:
        code = COMMENT.sub("", text)
        for pattern, allowed in ONLY_IN.items():
            if str(file) in allowed:
                continue
            for match in re.finditer(pattern, code):
                found.append(f"{file}:{code.count(chr(10), 0, match.start()) + 1}: {match[0]} is for {', '.join(sorted(allowed))}")
    return found


class Cancellation(unittest.TestCase):
    def test_is_bound_and_held_off_in_one_place(self):
        sources = [(path, tree.text(path)) for path in tree.files()
                   if path.parts[0] in ("src", "tests", "bench") and path.suffix in (".cpp", ".hpp")]
        self.assertGreater(len(sources), 100)
        self.assertEqual(violations(sources), [])

    def test_the_places_are_there(self):
        for pattern, allowed in ONLY_IN.items():
            for file in allowed:
                self.assertRegex(tree.text(file), pattern)

    def test_another_one_is_found(self):
        wrong = violations([("src/a/a.cpp", "// bind_cancellation_slot\nco_spawn(io, f(), asio::bind_cancellation_slot(s, g));"),
                            ("tests/b.cpp", "co_await asio::this_coro::throw_if_cancelled(false);\nasio::cancellation_signal stop;"),
                            ("src/base/cancellable.hpp", "asio::cancellation_signal signal_;"),
                            ("src/c.cpp", "auto state = co_await asio::this_coro::cancellation_state;")])
        self.assertEqual(len(wrong), 3, wrong)
        self.assertTrue(wrong[0].startswith("src/a/a.cpp:2: "), wrong)


if __name__ == "__main__":
    unittest.main()
