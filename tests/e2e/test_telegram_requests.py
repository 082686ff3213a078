"""A deploy by pull request in the chat: what it waits for is said there, and where a person sees to it."""

from requesting import Forge
from telegramming import PATIENCE, TelegramStory, fix, is_verdict


class Requests(Forge, TelegramStory):
    def test_a_deploy_says_what_its_request_waits_for_and_is_merged_when_that_came(self):
        self.repo.protect("main", checks=["build"])
        self.script(fix())
        self.begin(CHECK_COMMAND="python3 check.py")
        self.ann.says("mend the sum")
        result = self.ann.chat.wait(is_verdict, PATIENCE)
        commit = next(iter(self.team.branches().values()))
        self.assertEqual(self.ann.presses(result, "Deploy").wait(PATIENCE).get("text"), "Task 1 is being deployed.")
        self.ann.chat.wait("Waiting at the forge: It waits for CI: build.", PATIENCE)
        self.assertEqual(self.github.merges, [])
        self.repo.check_run(commit, "build", "success")
        self.look_now()
        deployed = self.ann.chat.wait(lambda m: m.button("Roll back"), PATIENCE)
        merged = self.github.merges[0][1]
        self.assertIn(f"Deployed: main is at {merged[:10]}", deployed.text)
        self.assertEqual((self.team.parents("main"), self.telegram.complaints), ([self.team.base, commit], []))
