"""Includes go only along the lines of CMakeLists.txt: exactly the folders that USES names (for tests also TESTS), not
what those use in turn. Inside a folder, units do not include each other in a circle."""

import re
import unittest

import tree

MODULE = re.compile(r"^persais_module\(([\w/]+)([^)]*)\)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
KEYWORDS = ("USES", "TESTS", "LINKS", "PROGRAM")


def modules(cmake):
    """{folder: {"USES": {folder...}, "TESTS": {...}}}"""
    graph = {}
    for name, rest in MODULE.findall(cmake):
        graph[name] = {keyword: set() for keyword in KEYWORDS}
        keyword = None
        for word in rest.split():
            if word in KEYWORDS:
                keyword = word
            else:
                graph[name][keyword].add(word)
    return graph


def module_of(graph, path):
    """The module whose folder holds `path` (written from src/): the longest that matches."""
    parts = str(path).split("/")[:-1]
    while parts:
        if "/".join(parts) in graph:
            return "/".join(parts)
        parts.pop()
    return None


def is_test(file):
    name = file.rsplit("/", 1)[-1]
    return name.endswith("_test.cpp") or name.startswith("testing") or name.startswith("raw_server")


def violations(graph, sources):
    """sources: (file as written from src/, text)."""
    found = []
    for file, text in sources:
        folder = module_of(graph, file)
        if folder is None:
            found.append(f"{file}: its folder has no persais_module line")
            continue
        allowed = graph[folder]["USES"] | {folder} | (graph[folder]["TESTS"] if is_test(file) else set())
        for included in INCLUDE.findall(text):
            if included.endswith(".inc") and "/" not in included:  # made by the build
                continue
            if "/" not in included or included.startswith("."):
                found.append(f'{file}: "{included}" is not written from src/')
            elif module_of(graph, included) not in allowed:
                found.append(f'{file}: includes "{included}", but {folder} may not use {module_of(graph, included)}')
    return found


def unit(file):
    """foo.cpp, foo.hpp and foo_test.cpp are one unit."""
    return re.sub(r"(_test)?\.[ch]pp$", "", file)


def circles(sources):
    """Units that include each other in a circle, each circle once; tests do not count."""
    graph = {}
    for file, text in sources:
        if is_test(file):
            continue
        edges = graph.setdefault(unit(file), set())
        edges |= {unit(included) for included in INCLUDE.findall(text)} - {unit(file)}
    found, state = [], {}

    def visit(node, path):
        state[node] = "open"
        for other in sorted(graph.get(node, ())):
            if state.get(other) == "open":
                found.append(" -> ".join(path[path.index(other):] + [other]))
            elif other not in state:
                visit(other, path + [other])
        state[node] = "done"

    for node in sorted(graph):
        if node not in state:
            visit(node, [node])
    return found


class Includes(unittest.TestCase):
    def setUp(self):
        self.graph = modules(tree.text("CMakeLists.txt"))
        self.sources = [("/".join(path.parts[1:]), tree.text(path)) for path in tree.files()
                        if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp")]

    def test_go_one_way(self):
        self.assertGreater(len(self.sources), 20)
        self.assertEqual(violations(self.graph, self.sources), [])

    def test_units_form_no_circle(self):
        self.assertEqual(circles(self.sources), [])

    def test_each_line_is_needed(self):
        for folder, edges in self.graph.items():
            used = {module_of(self.graph, included) for file, text in self.sources if module_of(self.graph, file) == folder
                    for included in INCLUDE.findall(text)}
            self.assertEqual(edges["USES"] - used, set(), f"{folder} names folders that it does not use")

    def test_the_graph_keeps_its_promises(self):
        self.assertGreater(len(self.graph), 5)
        seen = set()
        for folder, edges in self.graph.items():  # each line uses lines above it: no circles
            self.assertLessEqual(edges["USES"], seen, f"{folder} uses what stands below it")
            seen.add(folder)
        self.assertEqual(self.graph["base"]["USES"], set())
        for pure in ("mechanic", "config"):
            self.assertEqual(self.graph[pure]["USES"], {"base"})
        for folder, edges in self.graph.items():
            self.assertNotIn("cli", edges["USES"])
            self.assertTrue("app" not in edges["USES"] or folder == "cli", f"{folder} uses app")

    def test_a_wrong_include_is_found(self):
        graph = modules("persais_module(base USES  LINKS x)\npersais_module(a USES base)\npersais_module(b USES a TESTS base LINKS y)\n"
                        "persais_module(b/in USES b)\n")
        self.assertEqual({name: edges["USES"] for name, edges in graph.items()},
                         {"base": set(), "a": {"base"}, "b": {"a"}, "b/in": {"b"}})
        wrong = violations(graph, [("a/a.cpp", '#include "b/b.hpp"\n#include "base/x.hpp"\n#include "near.hpp"\n#include "made.inc"\n'),
                                   ("b/b.cpp", '#include "base/x.hpp"\n#include <b>\n'), ("b/b_test.cpp", '#include "base/x.hpp"\n'),
                                   ("b/in/x.cpp", '#include "b/b.hpp"\n#include "a/a.hpp"\n'), ("c/c.cpp", ""),
                                   ("base/x.hpp", '#include "b/list.inc"\n')])
        self.assertEqual(len(wrong), 6, wrong)

    def test_a_circle_is_found(self):
        self.assertEqual(circles([("a/x.hpp", '#include "a/y.hpp"'), ("a/y.cpp", '#include "a/z.hpp"'), ("a/z.cpp", '#include "a/x.hpp"'),
                                  ("a/x_test.cpp", '#include "a/w.hpp"'), ("a/w.hpp", '#include "a/x.hpp"')]),
                         ["a/x -> a/y -> a/z -> a/x"])


if __name__ == "__main__":
    unittest.main()
