"""What a shell and man(1) make of what is installed for them. No database, no repository."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from persais import PROGRAM

SPACED = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class Shells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="shells."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.share = cls.folder / "share"
        subprocess.run([PROGRAM, "write-documents", cls.share], check=True, env=SPACED)

    def say(self, *words, script=None):
        """What it writes; an error, and a word on standard error, fail the test."""
        done = subprocess.run([*map(str, words)], input=script, env={**SPACED, "HOME": str(self.folder)}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def bash(self, *typed):
        """What bash offers for the last of these words."""
        words = " ".join(f"'{word}'" for word in ("persais", *typed))
        return self.say("bash", "--norc", script=f"""
            source {self.share}/bash-completion/completions/persais
            COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _persais; printf '%s\\n' "${{COMPREPLY[@]}}" """).split()

    def test_bash_offers_commands_flags_and_values(self):
        self.assertEqual(self.bash("rep"), ["reply", "repo"])
        self.assertEqual(self.bash("config", ""), ["check", "-h", "--help"])
        self.assertEqual(self.bash("diff", "--colour", ""), ["auto", "always", "never"])
        self.assertEqual(self.bash("run", "--js"), ["--json"])
        self.assertEqual(self.bash("run", "tasks", "--st"), [], "a word of an instruction is no command")
        self.assertEqual(self.bash("help", "ab"), ["abort"])

    @needs("fish")
    def test_fish_offers_them(self):
        def offered(line):
            file = self.share / "fish/vendor_completions.d/persais.fish"
            return {each.split("\t")[0] for each in self.say("fish", "-N", "-c", f"source {file}; complete -C {line!r}").splitlines()}
        self.assertEqual(offered("persais rep"), {"reply", "repo"})
        self.assertEqual(offered("persais config c"), {"check"})
        self.assertEqual(offered("persais diff --colour "), {"auto", "always", "never"})
        self.assertEqual(offered("persais help ab"), {"abort"})
        self.assertIn("--detach", offered("persais run --"))
        self.assertNotIn("--state", offered("persais run tasks --"))

    @needs("zsh")
    def test_zsh_takes_the_file(self):
        folder = self.share / "zsh/site-functions"
        self.say("zsh", "-f", "-n", folder / "_persais")
        loaded = self.say("zsh", "-f", "-c", f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -D; print $_comps[persais]")
        self.assertEqual(loaded.strip(), "_persais")
        sourced = self.say("zsh", "-f", "-c", f"autoload -Uz compinit; compinit -D; source <({PROGRAM} completion zsh); "
                           "print $_comps[persais] ${+functions[_persais_config_check]}")
        self.assertEqual(sourced.split(), ["_persais", "1"])

    @needs("groff")
    def test_the_manuals_are_without_a_fault(self):
        pages = sorted((self.share / "man/man1").iterdir())
        self.assertIn("persais-config-check.1", [page.name for page in pages])
        for page in pages:
            with self.subTest(page=page.name):
                shown = self.say("groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-P-c", page)
                self.assertIn("persais", shown)

    def test_a_page_goes_to_a_pipe_as_it_is(self):
        self.assertEqual(self.say(PROGRAM, "man", "config", "check"), (self.share / "man/man1/persais-config-check.1").read_text())

    def test_bare_help_and_version_are_answers(self):
        for words in (["help"], ["--help"]):
            self.assertIn("Usage: persais [FLAGS] [COMMAND]", self.say(PROGRAM, *words))
        bare = subprocess.run([PROGRAM], env=SPACED, capture_output=True, text=True)
        self.assertEqual((bare.returncode, bare.stdout, bare.stderr), (2, "", self.say(PROGRAM, "help")), "a word is missing")
        self.assertEqual(self.say(PROGRAM, "--version"), self.say(PROGRAM, "version"))
        self.assertIn("Examples:\n  persais run ", self.say(PROGRAM, "help", "run"))
        self.assertEqual(self.say(PROGRAM, "help", "run"), self.say(PROGRAM, "run", "--help"))
        self.assertIn("Usage: persais config check ", self.say(PROGRAM, "help", "config", "check"))


if __name__ == "__main__":
    unittest.main()
