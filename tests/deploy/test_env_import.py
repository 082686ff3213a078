"""`fly secrets import < .env`: what arrives on Fly is what the same file means here. flyctl's parser is written down below by its rules
(flyctl 0.4.87, internal/command/secrets/parser.go); docs/deploy-fly.md has the same rules as a table, which is tried here too."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PERSAIS = Path(os.environ.get("PERSAIS_BIN", ROOT / "build/dev/bin"), "persais")


def flyctl_reads(text):
    """NAME → value; raises where flyctl refuses the file."""
    secrets, several, lines = {}, None, []
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if several is not None:
            if line.endswith('"""'):
                secrets[several], several = "\n".join([*lines, line[:-3]]), None
            else:
                lines.append(line)
            continue
        if line.startswith("#") or not line.strip():
            continue
        if "=" not in line:
            raise ValueError(f"Secrets must be provided as NAME=VALUE pairs ({line} is invalid)")
        name, value = line.split("=", 1)
        name, value = name.strip(), value.lstrip(" ")
        before, sign, _ = value.partition("#")
        if sign and before.count('"') % 2 == 0:
            value = before.rstrip(" ")
        if value.startswith('"""') and value.endswith('"""') and len(value) >= 6:
            secrets[name] = value[3:-3]
        elif value.startswith('"""'):
            several, lines = name, [value[3:]]
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            secrets[name] = value[1:-1]
        else:
            secrets[name] = value
    return secrets


class Import(unittest.TestCase):
    def settings(self, folder, environment):
        """What `persais config check` makes of them: name → shown value."""
        done = subprocess.run([PERSAIS.resolve(), "config", "check", "--json"], cwd=folder, capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return {row["name"]: row["value"] for row in map(json.loads, done.stdout.splitlines()) if row["event"] == "setting"}

    def means_the_same(self, text):
        with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as fly:
            Path(here, ".env").write_text(text)
            Path(here, ".env").chmod(0o600)
            home = {"XDG_DATA_HOME": "/tmp/x"}
            self.assertEqual(self.settings(here, home), self.settings(fly, {**home, **flyctl_reads(text)}))

    def test_the_example_filled_in_means_the_same(self):
        self.means_the_same(re.sub(r"^(\w+)=xxx$", r"\1=of-my-own", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))

    def test_a_hash_in_a_password_survives_in_double_quotes(self):
        self.means_the_same('DATABASE_URL="postgresql://u:a%23b@h/d"  # with a comment\nGIT_AUTHOR_NAME="C# mechanic"\nAIDER_MODEL=a/b  # ???\n')

    def test_the_documents_table_says_what_flyctl_does(self):
        for text, expected in (("# a line\n\n", {}), ("AIDER_MODEL=x/y  # ???", {"AIDER_MODEL": "x/y"}), ("NAME=a#b", {"NAME": "a"}),
                               ('NAME="a#b"', {"NAME": "a#b"}), ("NAME='a#b'", {"NAME": "'a"}), ('NAME="a\\nb"', {"NAME": "a\\nb"}),
                               ('NAME="""first\nlast"""', {"NAME": "first\nlast"}), ("export NAME=a", {"export NAME": "a"})):
            self.assertEqual(flyctl_reads(text), expected)
        with self.assertRaises(ValueError):
            flyctl_reads("NAME")
        table = (ROOT / "docs/deploy-fly.md").read_text()
        for word in ("`# a line`", "`AIDER_MODEL=x/y  # ???`", "`NAME=a#b`", "`NAME='a#b'`", r'`NAME="a\nb"`', "`export NAME=a`"):
            self.assertIn(word, table)


if __name__ == "__main__":
    unittest.main()
