"""Each parser of bytes that others wrote is fuzzed, or it says here why not. A parser is a function that a public header declares, named
read_…, parse_…, cut_… or from_…, that takes a text; so is a class with such a member. tests/fuzz/NAME.cpp is the program that has to call it."""

import re
import unittest

import tree

NAME = re.compile(r"\b((?:read|parse|cut_|from|feed|body|event|learn)(?:_?\w+)?)\(\s*(?:const )?(?:std::)?(?:string_view|string)\b")

# header → the program of tests/fuzz that calls its parsers
FUZZED = {
    "src/backup/manifest.hpp": "backup", "src/backup/s3_answers.hpp": "backup", "src/backup/tar.hpp": "backup",
    "src/base/host_rules.hpp": "egress", "src/egress/request_head.hpp": "egress", "src/base/json.hpp": "model", "src/base/networks.hpp": "address", "src/base/url.hpp": "address", "src/checks/repository_file.hpp": "repository_file",
    "src/coder/aider_protocol.hpp": "agent", "src/coder/tags.hpp": "agent", "src/config/dotenv.hpp": "settings", "src/git/changes.hpp": "git_output", "src/git/index_file.hpp": "git_output",
    "src/git/lfs.hpp": "git_output",
    "src/git/refs.hpp": "git_output", "src/git/scp_form.hpp": "address", "src/git/submodules.hpp": "git_output", "src/http/request_reader.hpp": "request", "src/llm/answer.hpp": "model",
    "src/llm/rewrite.hpp": "model", "src/llm/sse.hpp": "model", "src/telegram/api/answer.hpp": "answer", "src/telegram/api/command.hpp": "command",
    "src/telegram/api/markdown.hpp": "text", "src/telegram/api/update.hpp": "update",
}
# header → why its parsers are not
NOT_FUZZED = {
    "src/base/encoding.hpp": "reads what this program wrote itself, and short fields that the parsers above hand it",
    "src/config/deploy_rules.hpp": "reads a setting, which the service's owner writes",
    "src/config/values.hpp": "reads settings, which the service's owner writes, a value at a time",
    "src/git/address_ssh.hpp": "what reads the form is cut_scp_form; this judges its parts",
    "src/http/route_table.hpp": "reads the routes of this program",
    "src/sandbox/mounts.hpp": "reads what the kernel says of its own mounts",
    "src/queue/bytes.hpp": "reads what the database's own functions wrote",
}
# functions that are declared in a header of FUZZED but are fuzzed through another of its functions
THROUGH = {"cut_authority": "parse_url"}


def parsers():
    """header → names"""
    found = {}
    for path in tree.files():
        if path.parts[0] == "src" and path.suffix == ".hpp" and not tree.is_test(path) and "keeper" not in path.parts:
            code = re.sub(r"//[^\n]*", "", tree.text(path))
            if names := set(NAME.findall(code)):
                found[str(path)] = names
    return found


def called(program):
    """All that the program's source says, and the properties that it uses."""
    text = tree.text(f"tests/fuzz/{program}.cpp")
    for include in re.findall(r'#include "(\S*testing_properties\.hpp)"', text):
        text += tree.text(f"src/{include}")
    return text


class Parsers(unittest.TestCase):
    maxDiff = None

    def test_each_is_fuzzed_or_says_why_not(self):
        found = parsers()
        self.assertGreater(len(found), 15)
        self.assertEqual(sorted(set(found) - set(FUZZED) - set(NOT_FUZZED)), [], "a new parser: a program of tests/fuzz, or a reason")
        self.assertEqual(sorted((set(FUZZED) | set(NOT_FUZZED)) - set(found)), [], "there is no parser any more")
        self.assertEqual(set(FUZZED) & set(NOT_FUZZED), set())

    def test_each_program_calls_them(self):
        missing = [f"tests/fuzz/{FUZZED[header]}.cpp does not call {name}" for header, names in parsers().items() if header in FUZZED
                   for name in sorted(names) if not re.search(rf"\b{THROUGH.get(name, name)}\(", called(FUZZED[header]))]
        self.assertEqual(missing, [])

    def test_each_program_has_its_corpus_and_is_built_from_its_parsers(self):
        programs = {path.stem for path in tree.files() if path.parts[:2] == ("tests", "fuzz") and path.suffix == ".cpp"}
        self.assertEqual(sorted(set(FUZZED.values()) - programs), [])
        self.assertEqual([name for name in sorted(programs) if not any((tree.ROOT / "tests/fuzz/corpus" / name).iterdir())], [])

    def test_a_parser_is_found(self):
        self.assertEqual(NAME.findall("result<int> parse_x(std::string_view text);\nvoid feed(string_view b); int reads(int a); take(std::string x)"),
                         ["parse_x", "feed"])


if __name__ == "__main__":
    unittest.main()
