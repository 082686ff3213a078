"""What tells the states of a task apart visits them with each_state, so that a new state does not compile until each place has
decided. A function that asks for one after the other compiles with a new one, and gives it what was meant for the last."""

import re
import unittest

import tree

VARIANT = re.compile(r"using state = std::variant<([^>]+)>")
ASKED = re.compile(r"(?:holds_alternative|get_if)<(?:mechanic::)?(\w+)>")
FUNCTION_END = re.compile(r"^}", re.MULTILINE)
MOST = 2


def chains(states, sources):
    """Where one function asks for more than MOST states; sources: {path: text}."""
    found = []
    for path, text in sources.items():
        for body in FUNCTION_END.split(text):
            asked = sorted(set(ASKED.findall(body)) & set(states))
            if len(asked) > MOST:
                found.append(f"{path}: {', '.join(asked)}")
    return found


class States(unittest.TestCase):
    def test_are_visited(self):
        states = re.findall(r"\w+", VARIANT.search(tree.text("src/mechanic/task.hpp"))[1])
        self.assertGreater(len(states), 10)
        sources = {str(path): tree.text(path) for path in tree.files()
                   if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp") and not tree.is_test(path)}
        self.assertEqual(chains(states, sources), [], "std::visit(each_state{…}, …) names each of them")

    def test_a_chain_is_found(self):
        ask = "if (std::holds_alternative<{}>(t.now)) return 1;\n"
        three = ask.format("a") + "auto* s = std::get_if<mechanic::b>(&t.now);\n" + ask.format("c")
        self.assertEqual(chains("abc", {"x": "int f() {\n" + three + "}\n"}), ["x: a, b, c"])
        self.assertEqual(chains("ab", {"x": "int f() {\n" + three + "}\n"}), [], "c is no state")
        self.assertEqual(chains("abc", {"x": "int f() {\n" + ask.format("a") + "}\nint g() {\n" + ask.format("b") + "}\n"}), [])


if __name__ == "__main__":
    unittest.main()
