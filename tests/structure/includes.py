"""Includes go only along the USES lines of CMakeLists.txt, directly or through what a used folder uses."""

import re
import unittest

import tree

MODULE = re.compile(r"^persais_module\((\w+)\s+USES([^)]*?)(?:\s(?:LINKS|PROGRAM)\s[^)]*)?\)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def uses(cmake):
    return {name: set(used.split()) for name, used in MODULE.findall(cmake)}


def closure(graph, folder):
    seen, left = set(), [folder]
    while left:
        for used in graph[left.pop()] - seen:
            seen.add(used)
            left.append(used)
    return seen


def violations(graph, sources):
    """sources: (folder, file, text)."""
    found = []
    for folder, file, text in sources:
        if folder not in graph:
            found.append(f"{file}: {folder} has no persais_module line")
            continue
        allowed = closure(graph, folder) | {folder}
        for included in INCLUDE.findall(text):
            target = included.split("/")[0]
            if included.endswith(".inc"):  # made by the build
                continue
            if "/" not in included or included.startswith("."):
                found.append(f'{file}: "{included}" is not written from src/')
            elif target not in allowed:
                found.append(f'{file}: includes "{included}", but {folder} may not use {target}')
    return found


class Includes(unittest.TestCase):
    def setUp(self):
        self.graph = uses(tree.text("CMakeLists.txt"))

    def test_go_one_way(self):
        sources = [(path.parts[1], path, tree.text(path)) for path in tree.files()
                   if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp")]
        self.assertGreater(len(sources), 20)
        self.assertEqual(violations(self.graph, sources), [])

    def test_the_graph_keeps_its_promises(self):
        self.assertGreater(len(self.graph), 5)
        for folder in self.graph:
            self.assertNotIn(folder, closure(self.graph, folder), "no circles")
        self.assertEqual(self.graph["base"], set())
        for pure in ("mechanic", "config"):
            self.assertEqual(self.graph[pure], {"base"})
        for folder, used in self.graph.items():
            self.assertNotIn("cli", used)
            self.assertTrue("app" not in used or folder == "cli", f"{folder} uses app")

    def test_a_wrong_include_is_found(self):
        graph = uses("persais_module(base USES  LINKS x)\npersais_module(a USES base)\npersais_module(b USES a LINKS y)\n")
        self.assertEqual(graph, {"base": set(), "a": {"base"}, "b": {"a"}})
        wrong = violations(graph, [("a", "a.cpp", '#include "b/b.hpp"\n#include "base/x.hpp"\n#include "near.hpp"\n#include "made.inc"\n'),
                                   ("b", "b.cpp", '#include "base/x.hpp"\n#include <b>\n'), ("c", "c.cpp", "")])
        self.assertEqual(len(wrong), 3, wrong)


if __name__ == "__main__":
    unittest.main()
