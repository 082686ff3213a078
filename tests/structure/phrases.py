"""Every phrase of src/i18n/phrases/ is said by product code: one that nobody says is two sentences to keep true for nothing.
And at most four files of the product know a command of the chat by name, as CONTRIBUTING.md promises."""

import re
import unittest

import tree

PHRASE = re.compile(r"^PHRASE\((\w+),", re.MULTILINE)
COMMAND = re.compile(r"^COMMAND\((\w+),", re.MULTILINE)
COMMANDS = "src/telegram/api/commands.inc"
HANDLERS = "src/telegram/dialog/command_handlers.cpp"
MOST = 4


def product():
    """{path: text} of what is compiled into the product."""
    return {str(path): tree.text(path) for path in tree.files()
            if path.parts[0] == "src" and path.suffix in (".cpp", ".hpp", ".inc") and not tree.is_test(path)}


def unsaid(names, sources):
    """Those that no product code says; sources: texts. Who says one says its form for an admin too."""
    said = {name for source in sources for name in re.findall(r"\bphrase::(\w+)", source)}
    said |= {name + "_admin" for name in said}
    return sorted(set(names) - said)


def files_of_command(name, sources):
    """Those that would have to be edited for it, were it new: what names the command or its line of help; sources: {path: text}."""
    of_it = re.compile(rf"\bcommand::{name}\b|\bhelp_{name}\b|^COMMAND\({name},", re.MULTILINE)
    handled = re.compile(rf"^ *case (command::)?{name}:", re.MULTILINE)
    return sorted(path for path, text in sources.items()
                  if of_it.search(text) or path.endswith("command_handlers.cpp") and handled.search(text))


class Phrases(unittest.TestCase):
    def test_each_is_said(self):
        sources = product()
        names = [name for path, text in sources.items() if path.startswith("src/i18n/phrases/") for name in PHRASE.findall(text)]
        self.assertGreater(len(names), 200, "the lists are read as they are written")
        self.assertEqual(unsaid(names, sources.values()), [], "say it, or remove it with its words")

    def test_one_that_only_a_comment_or_a_longer_name_has_is_not_said(self):
        self.assertEqual(unsaid(["cost", "done"], ["say(l, phrase::cost_unknown)", "done; say(phrase::done)"]), ["cost"])

    def test_the_form_for_an_admin_is_said_with_the_other(self):
        self.assertEqual(unsaid(["key", "key_admin", "cost_admin"], ["say(l, phrase::key)"]), ["cost_admin"])


class Commands(unittest.TestCase):
    def test_each_stands_in_few_files(self):
        sources = product()
        names = COMMAND.findall(sources[COMMANDS])
        self.assertGreater(len(names), 10, "the list is read as it is written")
        for name in names:
            with self.subTest(name):
                files = files_of_command(name, sources)
                self.assertLessEqual({COMMANDS, HANDLERS, "src/i18n/phrases/commands.inc"}, set(files))
                self.assertLessEqual(len(files), MOST, files)

    def test_files_are_found(self):
        self.assertEqual(files_of_command("log", {
            "a": "if (what == command::log)", "b": "COMMAND(log, true)\n", "c": "PHRASE(help_log,", "d/command_handlers.cpp": "    case log:\n",
            "e": "case log:\n", "f": "COMMAND(logs, true)", "g": "command::logs; help_logs", "h": "log"}),
            ["a", "b", "c", "d/command_handlers.cpp"])


if __name__ == "__main__":
    unittest.main()
