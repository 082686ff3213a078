"""A change that looks as if it carried a credential is held before the push."""

from scripted import edit
from turns import Turns

# Made from pieces, so that nothing in this repository looks like a token.
TOKEN = "gh" + "p_" + "Zr2Lw9KdTx5VnHs3GyPb7MfCj4RkEa6WuXoD"
WITH_TOKEN = f"def add(a, b):\n    # {TOKEN}\n    return a + b\n"


def with_token(**more):
    return edit("    return a - b\n", f"    # {TOKEN}\n    return a + b\n", **more)


class Held(Turns):
    def held(self, remote):
        """A task that is held; gives its result."""
        result = self.run_on(remote)
        self.expect(result, "secret_found")
        self.expect_nothing_pushed(remote)
        self.assertIn("`calc.py` line 2 (github-pat, `ghp_\u2026`)", result["sentence"])
        self.assertNotIn(TOKEN, str(result))
        return result

    def test_it_is_pushed_when_a_person_says_so_and_only_then(self):
        remote = self.remote()
        self.script(with_token())
        task = self.held(remote)["task"]
        self.in_review.add(task)
        shown = self.persais("show", task)
        self.assertIn(f"persais push {task}", shown.out)
        self.assertIn(TOKEN, self.persais("diff", task).out, "who has a terminal may look at it")
        done = self.persais("push", task, "--json")
        self.assertEqual(done.code, 0, done.story())
        self.assertEqual(done.lines[-1]["verdict"], "ready")
        branch, commit = self.one_branch(remote)
        self.assertEqual(remote.file(commit, "calc.py"), WITH_TOKEN)
        again = self.persais("push", task)
        self.assertEqual(again.code, 2, again.story())
        self.assertIn("holds nothing back", again.out + again.err)

    def test_the_service_pushes_it_too(self):
        remote = self.remote()
        self.script(with_token())
        service = self.serve()
        task = self.enqueue(remote)
        service.wait_task(task, "failed")
        self.expect_nothing_pushed(remote)
        self.assertEqual(self.persais("push", task, "--detach").code, 0)
        service.wait_task(task, "review")
        self.in_review.add(task)
        branch, commit = self.one_branch(remote)
        self.assertEqual(remote.file(commit, "calc.py"), WITH_TOKEN)

    def test_a_reply_has_the_agent_take_it_out(self):
        remote = self.remote()
        self.script(with_token(), edit(f"    # {TOKEN}\n", "", match="take it out", name="take out"))
        task = self.held(remote)["task"]
        self.in_review.add(task)
        said = self.persais("reply", task, "Please take it out.", "--json")
        self.assertEqual(said.code, 0, said.story())
        branch, commit = self.one_branch(remote)
        self.assertEqual(remote.file(commit, "calc.py"), "def add(a, b):\n    return a + b\n")
        self.assertEqual(remote.parents(commit), [remote.base], "no commit of the branch ever had it")
        self.assertNotIn("take it out", remote.message(commit), "it says what the task is")

    def test_the_repository_allows_a_path_or_a_rule(self):
        for allowed in ('secrets_in = ["calc.py"]', 'secret_rules = ["github-pat"]'):
            remote = self.remote(name=allowed[:10], files={".persais.toml": f'check = "true"\n{allowed}\n'})
            self.script(with_token())
            self.expect(self.run_on(remote, check=None), "ready")

    def test_what_stood_in_the_base_is_no_news(self):
        remote = self.remote(files={"calc.py": f"def add(a, b):\n    return a - b\n\n\nt = '{TOKEN}'\n"})
        self.script(edit(f"    return a - b\n\n\nt = '{TOKEN}'\n", f"    return a + b\n\n\nTOKEN = '{TOKEN}'\n"))
        self.expect(self.run_on(remote), "ready")
