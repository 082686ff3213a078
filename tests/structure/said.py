"""What people read stands in both languages where it is said: in these folders no sentence is English alone."""

import re
import unittest

import tree

FOLDERS = ("cli", "doctor", "service", "mechanic")
PIECE = re.compile(r'//[^\n]*|R"(\w*)\(.*?\)\1"|\'(?:[^\'\\\n]|\\.)\'|"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*', re.DOTALL)
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z']+ [a-z']{2,}")
SAID = re.compile(r"(?:said|told|told_view|spoken)<\s*$")
# Statements whose texts nobody reads as words: the log, a query, a defect of ours, what a program or the agent is given, what a text is looked for.
OTHERS = re.compile(r"for_the_agent|\.contains\(|spdlog::|query\(|logic_error|static_assert|run\(|popen|example\{|\bsql\b")
# File → the texts in it that are no words of ours to a person, and why.
ALLOWED = {
    "src/cli/pager.cpp": "a command for a shell",
    "src/cli/completion.cpp": "scripts for shells",
    "src/cli/examples.cpp": "each example has its Russian beside it, as a field",
    "src/cli/export_folder.cpp": "what an export says of itself to whoever reads it with a program",
    "src/cli/command_write_documents.cpp": "is for the build",
    "src/doctor/draft.cpp": "a comment in .env",
    "src/doctor/probe_answer.cpp": "what the model is asked, about what",
    "src/mechanic/step.cpp": "why an event of our own driver is refused",
    "src/service/forge_orders.cpp": "instructions for the agent",
    "src/service/forge_answers.cpp": "is written into repositories, in English as commits are",
    "src/service/orders.cpp": "words of people, and an instruction for the agent",
}


def alone(source):
    """The English sentences of a source that have no Russian beside them."""
    found = []
    for piece in PIECE.finditer(source):
        text = piece.group()
        if not text.startswith('"'):
            continue
        words = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', text))
        before = source[:piece.start()]
        statement = before[max(before.rfind(";"), before.rfind("{\n"), before.rfind("}\n"), 0):]
        if SENTENCE.search(re.sub(r"`[^`]*`|\\\\.", " ", words)) and not SAID.search(before) and not OTHERS.search(statement):
            found.append(words)
    return found


class Said(unittest.TestCase):
    def test_in_both_languages(self):
        wrong = {}
        for path in tree.files():
            if path.parts[0] == "src" and path.parts[1] in FOLDERS and path.suffix == ".cpp" and not tree.is_test(path):
                if str(path) not in ALLOWED and (found := alone(tree.text(path))):
                    wrong[str(path)] = found
        self.assertEqual(wrong, {}, "say it with told<> or said<>, its Russian beside it (decision 0046)")

    def test_one_alone_is_found(self):
        for source in ('f("There is no task.");', 'fmt::format("It is not {} of\\n"\n "the task", x);', 'g(told<"a", "б">(), "it is not said");'):
            self.assertEqual(len(alone(source)), 1, source)
        for source in ('f(told<"There is no task.", "Задачи нет.">());', 'spdlog::info("it was told to {}", x);', '// "it is a comment"\n',
                       'f("-n", "task", "`git push it there`");'):
            self.assertEqual(alone(source), [], source)


if __name__ == "__main__":
    unittest.main()
