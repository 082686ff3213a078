"""What can be said about the container's files without building anything: part of `make test`. tests/image/run builds and runs."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import ignore  # noqa: E402
import oci  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CONTEXT_BYTES = 5_000_000
COMPILED_DOCUMENTS = {"docs/json.schema.json"}  # the program serves it
FILE_BYTES = 400_000
# Docker's default profile (moby/profiles, seccomp/default.json, August 2026), as json.dumps(…, sort_keys=True) writes it.
DOCKER_PROFILE = "2e0d5593d24ad449b9bacc2c7db1575a1acd90e7dc7acfcd916608e14a311294"


def words_of_install(text):
    """Each apt-get install's package names."""
    joined = text.replace("\\\n", " ")
    return [[word for word in found.split() if not word.startswith("-")] for found in re.findall(r"apt-get install([^&\n]*)", joined)]


class Context(unittest.TestCase):
    def test_holds_what_the_image_is_made_of_and_nothing_else(self):
        found = ignore.context(ROOT)
        self.assertLess(sum(found.values()), CONTEXT_BYTES)
        for path, size in found.items():
            self.assertLess(size, FILE_BYTES, path)
            if path not in COMPILED_DOCUMENTS:
                self.assertNotRegex(path, r"(^|/)(build|\.git|\.env[^/]*|__pycache__|docs|node_modules)(/|$)|\.(pem|key|log|pyc)$")
            self.assertNotRegex(path, r"_test\.cpp$|^tests/.*/test_")
        for wanted in ("CMakeLists.txt", "src/cli/main.cpp", "sql/migrations/0001_tasks.sql", "agent/run.py", "demo/project/intervals.py",
                       "demo/project/tests/test_intervals.py", "tests/fakes/model/server.py", "scripts/demo", "deploy/image/persais"):
            self.assertIn(wanted, found)

    def test_has_each_source_that_the_dockerfile_copies(self):
        found = ignore.context(ROOT)
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
            for source in line.split()[:-1]:
                self.assertTrue(any(path == source or path.startswith(source + "/") for path in found), source)

    def test_leaves_secrets_out_wherever_they_lie(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in (".env", "src/.env", "demo/.env", ".git/config", "build/dev/x", "id_ed25519", "notes.txt", "src/a.cpp", "demo/project/b"):
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("x")
            found = ignore.context(Path(folder), (ROOT / ".dockerignore").read_text())
        self.assertEqual(sorted(found), ["demo/project/b", "src/a.cpp"])

    def test_is_a_whole_source_tree_for_cmake(self):
        cmake = shutil.which("cmake")
        self.assertTrue(cmake)
        with tempfile.TemporaryDirectory() as folder:
            for path in ignore.context(ROOT):
                into = Path(folder, path)
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, into)
            done = subprocess.run([cmake, "--preset", "release"], cwd=folder, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_last_line_that_fits_decides(self):
        decided = ignore.rules("**\n!src\nsrc/**/*_test.cpp\n# a comment\n!x/y?.z\n")
        self.assertTrue(ignore.sent("src/a/b.cpp", decided))
        self.assertFalse(ignore.sent("src/a/b_test.cpp", decided))
        self.assertFalse(ignore.sent("srcs", decided))
        self.assertTrue(ignore.sent("x/y1.z", decided))
        self.assertFalse(ignore.sent("x/y12.z", decided))


class Files(unittest.TestCase):
    def test_hadolint_finds_nothing(self):
        program = os.environ.get("HADOLINT") or ROOT / "build/deps/hadolint/bin/hadolint"
        done = subprocess.run([program, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")
        self.assertEqual(done.returncode, 0)

    def test_shellcheck_finds_nothing_in_any_script(self):
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False)
        names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name] or ["deploy/image/persais", "scripts/demo", "scripts/setup"]
        scripts = []
        for name in names:
            path = ROOT / name
            if path.is_file() and re.match(rb"#!.*(bash|/sh)\n", path.read_bytes()[:64]):
                scripts.append(name)
        self.assertIn("deploy/image/persais", scripts)
        done = subprocess.run([shutil.which("shellcheck"), "--severity=warning", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_the_binary_is_built_of_the_packages_that_setup_installs(self):
        setup = (ROOT / "scripts/setup").read_text()
        known = set(re.search(r"packages=\((.*?)\n\)", setup, re.DOTALL)[1].split())
        build, runtime = words_of_install(DOCKERFILE)
        self.assertEqual(set(build) - known, set())
        self.assertEqual({name for name in known if name.endswith("-dev")} - set(build) - {"libclang-rt-19-dev"}, set())
        self.assertLessEqual({"git", "openssh-client", "bubblewrap", "tini", "ca-certificates"}, set(runtime))
        self.assertFalse([name for name in runtime if name.endswith("-dev")])

    def test_compose_watches_each_source_that_the_dockerfile_copies(self):
        watched = re.findall(r"action: rebuild, path: ([\w./-]+)", (ROOT / "docker-compose.yml").read_text())
        self.assertIn("Dockerfile", watched)
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
            for source in line.split()[:-1]:
                self.assertTrue(any(source == path or source.startswith(path + "/") for path in watched), source)

    def test_nothing_asks_for_the_host(self):
        for name in ("Dockerfile", "docker-compose.yml"):
            self.assertNotRegex((ROOT / name).read_text(), r"privileged:|--privileged|docker\.sock|network_mode: host|SYS_ADMIN")


class Seccomp(unittest.TestCase):
    def test_is_dockers_profile_plus_what_bubblewrap_clones_and_setups_network_call(self):
        ours = oci.our_profile()
        rest = json.dumps(oci.docker_profile(ours), sort_keys=True)
        self.assertEqual(hashlib.sha256(rest.encode()).hexdigest(), DOCKER_PROFILE)
        more = [rule for rule in ours["syscalls"] if rule.get("comment", "").startswith(oci.OURS)]
        self.assertEqual(sorted(name for rule in more for name in rule["names"]),
                         ["clone", "mount", "pivot_root", "sethostname", "setns", "umount2", "unshare", "unshare"])

    def test_a_namespace_needs_a_user_namespace_of_its_own(self):
        new_user = 0x10000000
        [clone] = [rule for rule in oci.our_profile()["syscalls"] if rule["names"] == ["clone"] and rule.get("comment", "").startswith(oci.OURS)]
        self.assertEqual([(arg["value"], arg["valueTwo"], arg["op"]) for arg in clone["args"]], [(new_user, new_user, "SCMP_CMP_MASKED_EQ")])


if __name__ == "__main__":
    unittest.main()
