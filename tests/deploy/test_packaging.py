"""What is installed: programs that run on the oldest of the four systems, archives whose bytes say nothing of where and when they were made,
a bill of what is in them, and a unit that takes no sandbox away. tests/package/run (nightly) installs them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("PERSAIS_BIN", ROOT / "build/dev/bin"))
sys.path.insert(0, str(ROOT / "packaging"))
import archives  # noqa: E402
import elf  # noqa: E402
import sbom  # noqa: E402
import stages  # noqa: E402


class Programs(unittest.TestCase):
    def test_need_nothing_newer_than_the_oldest_system_has(self):
        for name in ("persais", "persais-keeper", "persais-clone.so"):
            needed, versions = elf.look(BIN / name)
            self.assertEqual(elf.too_new(versions), [], name)
            self.assertEqual("GLIBC_2.34" in versions or name != "persais", True, "its symbols were read")
        self.assertEqual(elf.look(BIN / "persais-keeper")[0], [], "the keeper needs no library")

    def test_a_newer_symbol_is_seen(self):
        self.assertEqual(elf.too_new({"GLIBC_2.35", "GLIBC_2.4", "GLIBCXX_3.4.30", "GLIBC_2.36", "GLIBCXX_3.4.31"}), ["GLIBCXX_3.4.31", "GLIBC_2.36"])

    def test_bring_what_not_every_system_has_and_leave_the_rest_to_the_system(self):
        brought = elf.brought(BIN / "persais")
        self.assertIn("libfmt.so.9", brought)
        self.assertEqual(set(brought) & {"libssl.so.3", "libcurl.so.4", "libpq.so.5", "libc.so.6"}, set(), "a distribution mends these")
        for soname, file in brought.items():
            self.assertEqual(elf.too_new(elf.look(file)[1]), [], soname)
            self.assertTrue(sbom.owner(file), soname)

    def test_a_library_from_nowhere_and_a_symbol_too_new_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            stage = Path(folder)
            shutil.copy(BIN / "persais", stage / "persais")
            wrong, packages = elf.examine(stage)
            self.assertIn("persais needs libfmt.so.9, which is neither on every system nor in the package", wrong)
            self.assertIn("libcurl4 | libcurl4t64", packages)
            for soname, file in elf.brought(BIN / "persais").items():
                shutil.copy(file, stage / soname)
            self.assertEqual(elf.examine(stage)[0], [])

    def test_find_what_was_brought_beside_themselves(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["cmake", "--install", BIN.parent, "--prefix", folder], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            said = subprocess.run(["objdump", "-p", Path(folder, "bin/persais")], capture_output=True, text=True, check=True).stdout
            self.assertRegex(said, r"RUNPATH\s+\$ORIGIN/\.\./lib/persais/lib\n")


class Archives(unittest.TestCase):
    FIELDS = {"package": "thing", "version": "1.2.3", "architecture": "amd64", "depends": "libc6", "more": "", "title": "a thing", "text": " of no use"}

    def make(self, folder, when):
        stage = Path(folder, "stage")
        (stage / "opt/persais/bin").mkdir(parents=True)
        for name, mode in (("b", 0o600), ("a", 0o777)):
            file = stage / "opt/persais/bin" / name
            file.write_text(name * 1000)
            file.chmod(mode)
            os.utime(file, (when, when))
        (stage / "opt/persais/link").symlink_to("bin/a")
        script = Path(folder, "postinst")
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
        deb = archives.make_deb(stage, Path(folder), self.FIELDS, {"postinst": script}, 1_700_000_000)
        return deb, archives.make_tarball(stage / "opt/persais", Path(folder, "thing.tar.gz"), "thing", 1_700_000_000)

    def test_are_the_same_bytes_whenever_and_wherever_they_are_made(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            first, second = self.make(one, time.time()), self.make(other, 1_600_000_000)
            for a, b in zip(first, second):
                self.assertEqual(a.read_bytes(), b.read_bytes(), a.name)

    def test_belong_to_root_and_have_plain_modes(self):
        with tempfile.TemporaryDirectory() as folder:
            deb, tarball = self.make(folder, time.time())
            for said in (subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True, check=True).stdout,
                         subprocess.run(["tar", "-tvzf", tarball], capture_output=True, text=True, check=True).stdout):
                self.assertRegex(said, r"(?m)^-rwxr-xr-x root/root .*bin/a$")
                self.assertRegex(said, r"(?m)^-rw-r--r-- root/root .*bin/b$")
            control = subprocess.run(["dpkg-deb", "-f", deb], capture_output=True, text=True, check=True).stdout
            self.assertIn("Depends: libc6\n", control)
            self.assertIn("Installed-Size: 2\n", control)
            line = archives.sums([tarball])
            self.assertEqual(subprocess.run(["sha256sum", "--check", "--strict"], input=line, cwd=folder, capture_output=True, text=True).returncode, 0)


class Version(unittest.TestCase):
    def said(self, clone):
        done = subprocess.run([sys.executable, "-c", "import runpy, sys; sys.argv = ['x']; print(runpy.run_path('scripts/package')['identity']())"], cwd=clone,
                              capture_output=True, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.assertEqual(done.returncode, 0, done.stderr)
        return eval(done.stdout)  # a tuple that it printed itself

    def test_is_the_tags_or_says_which_commit_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            clone = Path(folder)
            shutil.copytree(ROOT / "packaging", clone / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
            (clone / "scripts").mkdir()
            shutil.copy(ROOT / "scripts/package", clone / "scripts")
            (clone / "CMakeLists.txt").write_text("project(persais VERSION 0.9.1 LANGUAGES CXX)\n")
            git = ["git", "-C", clone, "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
            subprocess.run([*git, "init", "-q"], check=True)
            subprocess.run([*git, "add", "-A"], check=True)
            subprocess.run([*git, "commit", "-qm", "one"], check=True, env={**os.environ, "GIT_COMMITTER_DATE": "2026-11-30T12:00:00Z"})
            version, commit, epoch = self.said(clone)
            self.assertEqual((version, epoch), (f"0.9.1+20261130.{commit[:10]}", 1796040000))
            (clone / "CMakeLists.txt").write_text("project(persais VERSION 0.9.1 LANGUAGES CXX) # changed\n")
            self.assertEqual(self.said(clone)[0], f"{version}.changed")
            subprocess.run([*git, "checkout", "-q", "CMakeLists.txt"], check=True)
            subprocess.run([*git, "tag", "v1.2.3"], check=True)
            self.assertEqual(self.said(clone)[0], "1.2.3")


class Bill(unittest.TestCase):
    def document(self):
        def wheel():
            return "CONTAINS", sbom.package(sbom.spdx_id("pypi", "x"), "x", "1", "pkg:pypi/x@1")

        parts = [("STATIC_LINK", sbom.debian("libc6-dev")), wheel()]
        return sbom.document("1.2.3", "c" * 40, 1_700_000_000, [("persais", "1.2.3", parts), ("persais-agent", "1.2.3", [wheel()])])

    def test_is_the_same_for_the_same_contents_and_names_each_once(self):
        said = self.document()
        self.assertEqual(json.dumps(said), json.dumps(self.document()))
        identities = [each["SPDXID"] for each in said["packages"]]
        self.assertEqual(len(identities), len(set(identities)))
        for each in said["relationships"]:
            self.assertLessEqual({each["spdxElementId"], each["relatedSpdxElement"]}, {"SPDXRef-DOCUMENT", *identities})
        self.assertIn({"spdxElementId": "SPDXRef-package-persais", "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-debian-libc6-dev"},
                      said["relationships"])
        self.assertEqual(said["creationInfo"]["created"], "2023-11-14T22:13:20Z")

    def test_knows_what_is_installed_by_its_metadata(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, more in (("a", "License-Expression: MIT"), ("B_c", "License: BSD,\n of the newer kind"), ("d", "License-Expression: who knows what")):
                info = Path(folder, f"{name}-1.0.dist-info")
                info.mkdir()
                (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{more}\n\nText\n")
            found = {each["name"]: (each["licenseDeclared"], each["externalRefs"][0]["referenceLocator"]) for each in sbom.wheels(Path(folder))}
        self.assertEqual(found, {"a": ("MIT", "pkg:pypi/a@1.0"), "B_c": ("NOASSERTION", "pkg:pypi/b-c@1.0"), "d": ("NOASSERTION", "pkg:pypi/d@1.0")})


class Service(unittest.TestCase):
    # Each was seen to stop bubblewrap, the kernel's own /proc of a namespace, or what checks do: docs/operating.md, "systemd".
    BREAK_SANDBOXES = {"RestrictNamespaces", "ProtectKernelTunables", "ProtectKernelLogs", "ProtectProc", "ProcSubset", "ProtectHostname", "ProtectControlGroups",
                       "MemoryDenyWriteExecute", "PrivateUsers"}

    def setUp(self):
        self.unit = (ROOT / "packaging/persais.service").read_text()
        self.set = dict(line.split("=", 1) for line in self.unit.splitlines() if re.match(r"[A-Z]\w+=", line))

    def test_takes_nothing_away_that_sandboxes_are_made_of(self):
        self.assertEqual(set(self.set) & self.BREAK_SANDBOXES, set())
        self.assertLessEqual({"@system-service", "@mount", "landlock_restrict_self", "sethostname"}, set(self.set["SystemCallFilter"].split()))

    def test_runs_as_a_user_of_its_own_with_a_folder_of_its_own(self):
        self.assertEqual((self.set["User"], self.set["StateDirectory"], self.set["ProtectSystem"], self.set["NoNewPrivileges"], self.set["CapabilityBoundingSet"]),
                         ("persais", "persais", "strict", "yes", ""))
        self.assertIn("u persais ", (ROOT / "packaging/persais.sysusers").read_text())

    def test_a_task_that_outgrows_its_memory_does_not_end_the_service(self):
        self.assertEqual(self.set["OOMPolicy"], "continue")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_is_understood_by_systemd(self):
        done = subprocess.run(["systemd-analyze", "verify", ROOT / "packaging/persais.service"], capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if "persais" in line and "is not executable" not in line and "man persais" not in line]
        self.assertEqual(said, [])


class Settings(unittest.TestCase):
    def test_of_a_new_machine_set_nothing_that_is_somebodys(self):
        text = stages.settings_to_fill_in()
        self.assertEqual(re.findall(r"(?m)^([A-Z_]+)=", text), ["NODE_ENV", "PORT"])
        for name in ("DATABASE_URL", "OPENROUTER_API_KEY", "TELEGRAM_BOT_TOKEN"):
            self.assertRegex(text, rf"(?m)^#{name}=")

    def test_are_read_by_the_program_as_they_are(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "persais.env").write_text(stages.settings_to_fill_in())
            Path(folder, ".env").symlink_to("persais.env")
            plain = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
            done = subprocess.run([BIN / "persais", "config", "check"], cwd=folder, capture_output=True, text=True, env=plain)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
