"""A coroutine owns the text and the collections that it is given.

It may begin, and go on, when the expression that made its arguments is over: a view, or a reference to a constant, then looks at
what is gone. References to what lives longer than the coroutine by the design of the program (a pool, the settings, the page
that a caller waits over) are allowed, because a temporary does not bind to them or nobody makes one.
"""

import re
import unittest

import tree

RETURNS = r"awaitable<[^;{}()]*>"
PARAMETERS = r"((?:[^()]|\([^()]*\))*)"
COROUTINES = [re.compile(RETURNS + r"\s+[\w:]+\s*\(" + PARAMETERS + r"\)"),                # a function
              re.compile(r"\]\s*\(" + PARAMETERS + r"\)\s*(?:mutable\s*)?->\s*(?:\w+::)?awaitable<")]  # a lambda
COMMA = re.compile(r",(?![^<(]*[>)])")
BORROWED = re.compile(r"(?:const )?std::(?:string_view|span\b.*?)(?: \w+)?(?: = .*)?$|const std::[^&]+&(?: \w+)?(?: = .*)?$")


def violations(sources):
    """sources: (file, text)."""
    found = []
    for file, text in sources:
        for pattern in COROUTINES:
            for match in pattern.finditer(text):
                for parameter in COMMA.split(match[1]):
                    parameter = re.sub(r"\s+", " ", parameter).strip()
                    if BORROWED.match(parameter):
                        found.append(f"{file}:{text.count(chr(10), 0, match.start()) + 1}: a coroutine borrows {parameter}")
    return found


class Coroutines(unittest.TestCase):
    def test_own_their_text_and_collections(self):
        sources = [(path, tree.text(path)) for path in tree.files()
                   if path.parts[0] in ("src", "tests") and path.suffix in (".cpp", ".hpp")]
        self.assertGreater(len(sources), 100)
        self.assertEqual(violations(sources), [])

    def test_one_that_borrows_is_found(self):
        wrong = violations([("a.cpp", "awaitable<void> f(pool& db, const std::string& text);"),
                            ("a.cpp", "asio::awaitable<std::map<int, int>> x::f(int a,\n    std::string_view b) {"),
                            ("a.cpp", "auto f = [](const std::vector<std::pair<int, int>>& all) -> awaitable<> {"),
                            ("a.cpp", "awaitable<> f(std::span<const int> some);"),
                            ("a.cpp", "awaitable<> f(std::string a, std::function<void(std::string_view)> told, const settings& s);"),
                            ("a.cpp", "void f(std::string_view a);")])
        self.assertEqual(len(wrong), 4, wrong)


if __name__ == "__main__":
    unittest.main()
