"""Holds edits.py: what it composes is applied by aider itself where it is installed (build/deps/agent-env, or the
folder in AIDER_SOURCE), and always by the model of aider in aider_model.py."""

import os
import random
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import aider_model  # noqa: E402
import edits  # noqa: E402
from aider_oracle import apply_with_aider  # noqa: E402

CASES = int(os.environ.get("EDITS_CASES", "300"))


class Composing(unittest.TestCase):
    def check(self, before, after, path="src/a.py", writer="keep"):
        answer = edits.blocks(before, after, path, writer)
        if before == after:
            return self.assertEqual(answer, "")
        text = lambda data: data.decode().replace("\r\n", "\n")  # noqa: E731
        start = None if before is None else text(before)
        want = aider_model.with_final_newline(text(after))
        for fence in aider_model.FENCES:
            got, current = start or "", start or ""
            for name, search, replace in aider_model.parse(answer, fence):
                self.assertEqual(name, path)
                part = aider_model.unwrap(search, path, fence)
                if part.strip():
                    for whole in (start, current):
                        lines = aider_model.with_final_newline(whole).splitlines(keepends=True)
                        self.assertEqual(len(aider_model.places(lines, part.splitlines(keepends=True))), 1)
                got = current = aider_model.apply(current, path, search, replace, fence)
            self.assertEqual(got, want)
        real = apply_with_aider(answer, path, start)
        if real is not None:
            self.assertEqual(real, [want] * len(real))
        return answer

    def refused(self, before, after, reason, path="src/a.py", writer="keep"):
        with self.assertRaisesRegex(edits.Inexpressible, reason):
            edits.blocks(before, after, path, writer)

    def test_a_changed_line_needs_no_context(self):
        answer = self.check(b"a\nb\nc\n", b"a\nB\nc\n")
        self.assertIn("<<<<<<< SEARCH\nb\n=======\nB\n>>>>>>> REPLACE", answer)

    def test_context_grows_until_the_place_is_unique(self):
        self.check(b"x\n}\n}\ny\n}\n", b"x\n}\n}\ny\nz\n}\n")
        self.check(b"a\n" * 40, b"a\n" * 20 + b"b\n" + b"a\n" * 20)

    def test_an_earlier_block_does_not_make_a_later_one_ambiguous(self):
        self.check(b"one\nk\ntwo\nk2\nthree\n", b"three\nk\ntwo\nk2\nTHREE\n")

    def test_moved_lines_become_one_block(self):
        body = "".join(f"    {n}\n" for n in range(5))
        self.check(f"one\n{body}two\nthree\n".encode(), f"one\ntwo\n{body}three\n".encode())
        self.check(f"x\n{body}y\nz\n{body}w\n".encode(), f"x\nz\n{body}w\ny\n{body}z\n".encode())

    def test_a_new_file(self):
        answer = self.check(None, b"print(1)\n")
        self.assertIn("<<<<<<< SEARCH\n=======\nprint(1)\n>>>>>>> REPLACE", answer)
        self.check(None, b"\n")
        self.check(b"", b"now full\n")
        self.refused(None, b"", "empty result")

    def test_blank_lines_at_the_end_of_a_part(self):
        self.check(b"a\nb\n", b"a\n\n\nb\n")
        self.check(b"a\n\n\n\n", b"a\n\n")
        self.check(None, b"a\n\n\n")

    def test_lines_that_aider_takes_for_wrapping(self):
        self.check(b"# a.py\nold\n", b"# a.py\nnew\nold\n")
        self.check(None, b"# a.py\nnew\n")
        self.check(b"```\ncode\n```\n", b"```\nchanged\n```\n", "README.md")
        self.check(b"x\n```\n", b"x\n```\ny\n```\n", "README.md")

    def test_the_fence_does_not_occur_in_the_content(self):
        answer = self.check(b"a\n", b"a\n````\nx\n````\nb\n", "README.md")
        self.assertIn("\n`````\n<<<<<<< SEARCH", answer)

    def test_marks_of_the_format_in_the_content(self):
        self.check(b"Title\n=======\n\ntext\nmore\n", b"Title\n=======\n\nchanged\nmore\n", "a.rst")
        self.check(b"a\n", b"<<<<<<< SEARCH\na\n")
        self.check(b"a\n==========\n", b"b\n==========\n")
        self.refused(b"a\n", b"a\n=======\n", "own marks")
        self.refused(b"a\n", b">>>>>>> REPLACE\na\n", "own marks")
        self.refused(b"=====\n", b"b\n", "own marks")
        self.refused(b"a\n=====\na\n=====\na\n", b"a\n=====\nb\n=====\na\n", "not be unique")

    def test_line_endings(self):
        self.check(b"a\r\nb\r\n", b"a\r\nc\r\n")
        self.refused(b"a\nb\n", b"a\r\nb\r\n", "line endings")
        self.refused(b"a\r\nb\n", b"a\r\nc\n", "line endings")
        self.refused(None, b"a\r\n", "line endings")
        self.refused(b"a\r\nb\r\n", b"a\r\nc\r\n", "line endings", writer="stock")
        self.refused(b"a\rb\n", b"a\rc\n", "carriage return")
        self.check(b"a\r\nb\n", b"a\r\nc\n", writer="any")
        self.refused(b"a\r\nb\n", b"a\r\nb\r\n", "only line endings", writer="any")

    def test_the_final_newline(self):
        self.check(b"a\nb", b"a\nc")
        self.refused(b"a\nb", b"a\nc\n", "cannot add")
        self.refused(b"a\nb\n", b"a\nc", "leave out")
        self.refused(None, b"a", "leave out")
        self.check(b"a\nb", b"a\nb\n", writer="stock")
        self.refused(b"a\nb", b"a\nc", "leave out", writer="stock")
        self.check(b"a", b"a\nc", writer="any")

    def test_a_file_that_is_not_utf_8_is_shown_as_its_letters(self):
        said = edits.blocks("a\nGrüße\n".encode(), "a\nGrüße!\n".encode(), "a.txt")
        for encoding in ("latin-1", "utf-16"):
            of = lambda text: text.encode(encoding)  # noqa: E731, B023
            self.assertEqual(edits.blocks(of("a\nGrüße\n"), of("a\nGrüße!\n"), "a.txt"), said, encoding)
            self.assertEqual(edits.blocks(of("a\r\nGrüße\r\n"), of("a\r\nGrüße!\r\n"), "a.txt"), said, encoding)
        self.assertIn("Привет, мир", edits.blocks("Привет\n".encode("cp1251"), "Привет, мир\n".encode("cp1251"), "a.txt"))
        self.refused("a\n".encode("utf-16"), b"a\n", "byte order mark")
        self.refused(b"a\n", "\xfc\n".encode("latin-1"), "UTF-8")
        self.refused(None, "\xfc\n".encode("latin-1"), "UTF-8")

    def test_a_byte_order_mark_stays_and_is_not_shown(self):
        mark = edits.MARKS[0][0]
        marked = mark + b"a\nb\n"
        self.assertEqual(edits.blocks(marked, mark + b"A\nb\n", "a.cs"), edits.blocks(b"a\nb\n", b"A\nb\n", "a.cs"))
        self.refused(marked, b"A\nb\n", "byte order mark")
        self.assertIn("\ufeffA", self.check(b"a\nb\n", mark + b"A\nb\n"))
        self.assertIn("\ufeffa", self.check(marked, mark + b"A\nb\n", writer="stock"))

    def test_what_is_no_text_for_aider(self):
        self.refused(b"a\n", b"\0\n", "binary")
        self.refused(b"a\n", b"\xff\n", "UTF-8")
        self.refused(b"a\n", b"b\n", "picture", path="a.png")
        self.refused(b"a\n", None, "delete")
        self.refused(b"a\n", b"a\x0cb\n", "characters|marks")
        self.check(b"\x0c\ndef a():\n    pass\n", b"\x0c\ndef a():\n    return\n")
        self.check("\ufeffä\nb\n".encode(), "\ufeffä\nб\n".encode())

    def test_names(self):
        for path in ("Makefile", "a b/c d.txt", "данные/ß.txt", ".gitignore", "a/#x.py", "-x", "v*x/_a_.c"):
            self.check(b"a\n", b"b\n", path)
        for path in ("#a.py", "a.py:", " a.py", "`a`", "**a**", "..."):
            self.refused(b"a\n", b"b\n", "name", path=path)

    def test_nothing_to_do_and_several_files(self):
        self.assertEqual(edits.blocks(b"a\n", b"a\n", "a"), "")
        answer = edits.reply([("a.py", b"1\n", b"2\n"), ("same", b"", b""), ("b.py", None, b"3\n")])
        self.assertEqual(aider_model.parse(answer, aider_model.FENCES[0]),
                         [("a.py", "1\n", "2\n"), ("b.py", "", "3\n")])

    def test_random_changes_from_a_seed(self):
        """Few different lines make ambiguity likely; the nasty ones are those aider treats specially."""
        lines = ["a", "b", "}", "", "", "  x", "# a.py", "```", "````", "=======", "=====", ">>>>>>> REPLACE",
                 "<<<<<<< SEARCH", "...", "\x0c", "<source>", "</source>", "   ", "ö", "\u2028", "```bash"]
        expressed = 0
        for seed in range(CASES):
            rng = random.Random(seed)
            pool = lines[:6] + rng.sample(lines[6:], 2) + [f"line {n}" for n in range(rng.choice([0, 30]))]
            before = [rng.choice(pool) for _ in range(rng.randrange(40))]
            after = list(before)
            for _ in range(rng.randrange(1, 5)):
                at = rng.randrange(len(after) + 1)
                after[at:at + rng.randrange(3)] = [rng.choice(pool) for _ in range(rng.randrange(3))]
            end = rng.choice(["\n", "\n", "\r\n"])
            data = [end.join(text + [""]).encode() for text in (before, after)]
            if rng.random() < 0.2:
                data = [text[:-len(end)] if text else text for text in data]
            with self.subTest(seed=seed):
                try:
                    self.check(None if rng.random() < 0.1 else data[0], data[1])
                    expressed += 1
                except edits.Inexpressible:
                    pass
        self.assertGreater(expressed, CASES // 3)


if __name__ == "__main__":
    unittest.main()
