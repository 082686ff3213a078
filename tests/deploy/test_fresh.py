"""The new machine of tests/fresh leaves nothing behind, however it ends, and knows no registry that this one does not."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

FRESH = Path(__file__).resolve().parents[1] / "fresh"


def small_root(folder):
    """A root that is just enough to be entered: a shell, what enter itself calls, and their libraries."""
    for program in ("bash", "umount", "getent", "cut", "env", "setpriv", "id", "tail"):
        path = Path(shutil.which(program)).resolve()
        listed = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout.split()
        for file in [path, *(Path(word) for word in listed if word.startswith("/"))]:
            (folder / file.relative_to("/").parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / file.relative_to("/"))
        (folder / "usr/bin").mkdir(parents=True, exist_ok=True)
        if not (folder / "usr/bin" / program).exists():
            shutil.copy(path, folder / "usr/bin" / program)
    (folder / "etc").mkdir()
    (folder / "etc/passwd").write_text("root:x:0:0::/:/bin/bash\nada:x:1234:1234::/:/bin/bash\n")
    (folder / "etc/group").write_text("root:x:0:\nada:x:1234:\n")


@unittest.skipUnless(os.geteuid() == 0, "a machine of its own needs root (mounts)")
class Enter(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name, "root")
        self.root.mkdir()
        small_root(self.root)

    def enter(self, user, command, **more):
        return subprocess.Popen([FRESH / "enter", self.root, user, command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)

    def test_a_kill_leaves_no_process_and_no_mount(self):
        entered = self.enter("root", "trap '' TERM HUP INT; (tail -f /dev/null & tail -f /dev/null) & echo ready; wait")
        self.assertEqual(entered.stdout.readline(), "ready\n")
        entered.kill()
        self.assertEqual(entered.stdout.read(), "", "the pipe ends when its last holder is dead")
        entered.wait()
        entered.stdout.close()
        self.assertNotIn(str(self.root), Path("/proc/self/mountinfo").read_text())
        self.assertEqual(list((self.root / "proc").iterdir()), [])
        self.assertEqual(list((self.root / "dev").iterdir()), [])

    def test_the_users_environment_is_new_but_for_the_way_to_the_network(self):
        entered = self.enter("ada", "id -u; env", env={**os.environ, "LEAK": "seen", "http_proxy": "http://127.0.0.1:1"})
        said = entered.communicate()[0].split("\n")
        self.assertEqual((entered.returncode, said[0]), (0, "1234"), said)
        self.assertIn("http_proxy=http://127.0.0.1:1", said)
        self.assertIn("USER=ada", said)
        self.assertEqual([line for line in said if "LEAK" in line or line.startswith("SSL_CERT")], [])

    def test_what_it_ran_says_how_it_ended(self):
        entered = self.enter("root", "exit 7")
        entered.communicate()
        self.assertEqual(entered.returncode, 7)


class Mirror(unittest.TestCase):
    def test_what_makes_the_machine_is_installed_when_it_is_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("bash", "env", "sed", "grep", "sort", "head", "cat", "chmod"):
                Path(folder, name).symlink_to(shutil.which(name))
            made = Path(folder, "debootstrap")
            program = Path(folder, "apt-get")
            program.write_text(f"#!/bin/sh\necho \"$*\" >>{folder}/asked\n"
                               f"case \"$*\" in *install*debootstrap) echo '#!/bin/sh' >{made}; chmod 755 {made} ;; esac\n")
            program.chmod(0o755)
            done = subprocess.run([FRESH / "make-root", f"{folder}/base"], capture_output=True, text=True,
                                  env={"PATH": folder, "DEBIAN_MIRROR": ""})
            self.assertTrue(made.exists(), done.stderr)
            asked = Path(folder, "asked").read_text().splitlines()
        self.assertEqual([words.split()[2] for words in asked[:2]], ["update", "install"])
        self.assertIn("set DEBIAN_MIRROR", done.stderr)  # and it goes on

    def test_a_machine_without_debian_12_is_asked_for_a_mirror(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("apt-get", 'echo "http://mirror.example trixie main"'), ("debootstrap", "exit 9")):
                program = Path(folder, name)
                program.write_text(f"#!/bin/sh\n{text}\n")
                program.chmod(0o755)
            done = subprocess.run([FRESH / "make-root", f"{folder}/base"], capture_output=True, text=True,
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "DEBIAN_MIRROR": ""})
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("set DEBIAN_MIRROR", done.stderr)


if __name__ == "__main__":
    unittest.main()
