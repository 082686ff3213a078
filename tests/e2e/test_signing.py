"""A server that takes only signed commits, and commits with trailers: turns, a rebase, a revert and its revert on it."""

import re
import subprocess
import unittest

from git_http import TOKEN, serve
from landing import Landing
from remote import CHECK, ENVIRONMENT
from scripted import RIGHT
from turns import AGAIN, SECOND, comment, fix, git

WRONG = "def add(a, b):\n    return a - b\n"
ANN = "Co-authored-by: Ann Lee <ann@example.org>"
OURS = "Signed-off-by: Mechanic <mechanic@persais.ai>"
HOOK = """while read -r old new ref; do
  case $ref in {refs}) ;; *) continue ;; esac
  case $old in *[!0]*) has=^$old ;; *) has="--not --all" ;; esac
  for each in $(git rev-list $new $has); do
    git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile={keys}/allowed verify-commit $each >/dev/null 2>&1 ||
      {{ echo "commit $each is not signed by anybody who may"; exit 1; }}
  done
done
"""


class Signing(Landing):
    def key(self, name="mechanic", kind="ed25519", who="mechanic@persais.ai", passphrase=""):
        """A new private key, which the server trusts from now on; gives its text."""
        keys = self.folder / "keys"
        keys.mkdir(exist_ok=True)
        keys.chmod(0o755)
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(keys / name)], check=True)
        with open(keys / "allowed", "a") as allowed:
            allowed.write(f"{who} {(keys / f'{name}.pub').read_text()}")
        return (keys / name).read_text()

    def guarded(self, refs="refs/*", before=""):
        """A remote on which everybody signs."""
        remote = self.remote()
        self.key("ada", who="ada@example.org")
        other = remote.path.with_suffix(".other")
        git(remote.path.parent, "clone", "-q", str(remote.path), str(other))
        for name, value in (("gpg.format", "ssh"), ("user.signingkey", str(self.folder / "keys/ada")), ("commit.gpgsign", "true")):
            git(other, "config", name, value)
        remote.hook("pre-receive", before + HOOK.format(refs=refs, keys=self.folder / "keys"))
        return remote

    def all_signed(self, remote, commits="main"):
        for commit in git(remote.path, "rev-list", commits, f"^{remote.base}").split():
            git(remote.path, "-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={self.folder}/keys/allowed", "verify-commit", commit)

    def trailers(self, remote, commit):
        said = subprocess.run(["git", "interpret-trailers", "--parse"], input=remote.message(commit), env=ENVIRONMENT, capture_output=True, text=True, check=True)
        return said.stdout.splitlines()

    def test_everything_that_is_pushed_is_signed_and_says_for_whom(self):
        remote = self.guarded()
        url = f"{serve(self, self.folder)}/team.git"
        self.adopt_helpers()
        self.settings = {**self.settings, "GIT_REMOTE_URL": url, "GIT_ACCESS_TOKEN": TOKEN, "GIT_SIGNING_KEY": self.key(), "GIT_SIGN_OFF": "on",
                         "GIT_CO_AUTHORS": "terminal=Ann Lee <ann@example.org>; 42=Bob <bob@example.org>"}
        self.script(fix(), comment())
        result = self.run_on(url)
        self.expect(result, "ready")
        task = result["task"]
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.all_signed(remote, result["commit"])
        said = self.persais("reply", task, AGAIN, "--json")
        self.assertEqual((said.code, said.lines[-1]["verdict"]), (0, "ready"), said.story())
        tip = self.others(remote, other__txt="one\n")
        landed = self.land("deploy", task)
        self.assertEqual(landed["before"], tip)
        self.assertEqual(remote.file("main", "calc.py"), SECOND)
        two = git(remote.path, "rev-list", "--reverse", f"{tip}..main").split()
        self.assertEqual([self.trailers(remote, each) for each in two], [[ANN, OURS]] * 2, "both turns, after the rebase")
        back = self.land("rollback", task)
        self.assertEqual(remote.file("main", "calc.py"), WRONG)
        again = self.land("deploy", task)
        self.assertEqual((remote.file("main", "calc.py"), self.main(remote)), (SECOND, again["commit"]))
        for each in (back, again):
            self.assertEqual(self.trailers(remote, each["commit"]), [ANN, OURS])
        self.all_signed(remote)

    def test_without_a_key_the_refusal_names_the_setting(self):
        remote = self.guarded()
        self.script(fix())
        result = self.run_on(remote)
        self.expect(result, "remote_failed", "protected_branch")
        self.assertEqual(result["sentence"].count("GIT_SIGNING_KEY"), 1, result["sentence"])
        self.assertIn("takes only commits that are signed", result["sentence"])
        self.expect_nothing_pushed(remote)
        remote.hook("pre-receive", HOOK.format(refs="refs/heads/main", keys=self.folder / "keys"))
        task, _ = self.ready(remote)
        done = self.land("deploy", task, code=1)
        self.assertEqual((done["state"], self.main(remote)), ("review", remote.base))
        self.assertIn("GIT_SIGNING_KEY", done["sentence"])

    def test_a_key_that_cannot_sign_is_refused_before_anything_begins(self):
        self.remote()
        self.script(fix())
        damaged = self.key("damaged").splitlines()
        for words, key in (("has a passphrase", self.key("locked", passphrase="words-of-it")), ("damaged", "\n".join(damaged[:2] + damaged[3:])),
                           ("no private key", str(self.folder / "keys/damaged")), ("public key", (self.folder / "keys/damaged.pub").read_text())):
            with self.subTest(words):
                for command in (["run", "Mend it."], ["serve"]):
                    said = self.persais(*command, GIT_SIGNING_KEY=key)
                    self.assertEqual(said.code, 2, said.story())
                    self.assertRegex(said.err, rf"GIT_SIGNING_KEY: .*{words}")
                doctor = self.persais("doctor", "--json", "--offline", GIT_SIGNING_KEY=key)
                self.assertEqual(doctor.code, 1)
                self.assertIn("GIT_SIGNING_KEY: ", doctor.lines[0]["sentence"])

    def test_the_doctor_tries_the_key_which_may_stand_in_a_file(self):
        self.key()
        file = self.folder / "keys/mechanic"
        said = self.persais("doctor", "--json", "--offline", GIT_SIGNING_KEY_FILE=str(file))
        probe = next(line for line in said.lines if line["event"] == "probe" and line["name"] == "signing")
        shown = subprocess.run(["ssh-keygen", "-l", "-f", str(file)], capture_output=True, text=True, check=True).stdout.split()[1]
        self.assertEqual((probe["status"], probe["facts"]), ("ok", {"fingerprint": shown}))
        self.assertIn(f"signed with the ED25519 key {shown}; a signature made with it verifies", probe["sentence"])

    def test_what_a_dead_worker_had_signed_is_pushed_once_whatever_the_key_is_by_then(self):
        """ecdsa signatures have a random part, and a key may be renewed: neither may make two commits of one."""
        remote = self.guarded(refs="refs/heads/main")
        self.settings = {**self.settings, "GIT_SIGNING_KEY": self.key(kind="ecdsa")}
        for found in (False, True):
            gate = self.gate(f"found-{found}")  # the hook may be killed before it reads what lets it on
            free = gate.announce.parent / f"free-{found}"
            held = f"[ -e {free} ] || {{ {gate.shell}; exit 1; }}\n"
            self.script(fix() if not found else comment())
            result = self.run_on(remote, instruction="Mend the sum." if not found else AGAIN, check=CHECK)
            self.expect(result, "ready")
            task = result["task"]
            self.others(remote, other__txt=f"{found}\n")
            remote.hook("pre-receive", held + HOOK.format(refs="refs/heads/main", keys=self.folder / "keys"))
            service = self.serve()
            self.assertEqual(self.persais("deploy", task, "--yes", "--detach").code, 0)
            gate.wait()  # it is pushed
            made = self.sql(f"select facts -> 'lands' ->> 'made' from tasks where id = {task}").strip()
            service.kill9()
            gate.let_on()
            self.dead_leases_end()
            if found:  # another machine's worker, which nobody killed, pushed what it had signed itself
                made = self.signed_anew(remote, task, made)
                git(remote.path, "update-ref", "refs/heads/main", made)
            free.touch()
            service = self.serve(GIT_SIGNING_KEY=self.key(f"renewed-{found}"))
            service.wait_task(task, "deployed")
            service.terminate()
            self.assertEqual(self.main(remote), made)
            self.assertEqual(self.show(task)["on_base"]["commit"], made)
            self.all_signed(remote)
            remote.hook("pre-receive", "")

    def signed_anew(self, remote, task, commit):
        """The same commit with another signature of the same key; it is in the remote then."""
        mirror = next(path for path in self.data.glob("mirrors/*/git") if (path / f"refs/persais/tasks/{task}/landing").exists())
        raw = subprocess.run(["git", "--git-dir", str(mirror), "cat-file", "commit", commit], env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout
        plain = re.sub(r"gpgsig .*?-----END SSH SIGNATURE-----\n", "", raw, flags=re.DOTALL)
        self.assertNotEqual(plain, raw)
        signature = subprocess.run(["ssh-keygen", "-Y", "sign", "-n", "git", "-f", str(self.folder / "keys/mechanic")], input=plain, capture_output=True,
                                   text=True, check=True).stdout.strip()
        headers, _, message = plain.partition("\n\n")
        signed = headers + "\ngpgsig " + signature.replace("\n", "\n ") + "\n\n" + message
        git(remote.path, "fetch", "-q", str(mirror), f"refs/persais/tasks/{task}/landing")
        made = subprocess.run(["git", "-C", str(remote.path), "hash-object", "-t", "commit", "-w", "--stdin"], input=signed, env=ENVIRONMENT,
                              capture_output=True, text=True, check=True).stdout.strip()
        self.assertNotEqual(made, commit)
        return made


if __name__ == "__main__":
    unittest.main()
