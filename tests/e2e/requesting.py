"""What the stories about pull requests share: a repository at a GitHub of our own, whose git server takes pushes."""

import shutil
import sys
from pathlib import Path

import git_http
from landing import Landing
from remote import Remote
from scripted import fix

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))
from github import GitHub  # noqa: E402


class Forge:
    """Beside a story: its repository is at a GitHub, and what is deployed goes by requests."""

    settings = {"DEPLOY_STRATEGY": "request", "FORGE": "github"}

    def setUp(self):
        super().setUp()
        self.github = GitHub()
        self.github.start()
        self.addCleanup(self.github.stop)
        self.token = self.github.token(git_http.TOKEN)
        (self.folder / "git/acme").mkdir(parents=True)
        self.team = Remote(self.folder / "git/acme/team.git")
        shutil.rmtree(self.team.path.with_suffix(".seed"))
        self.repo = self.github.repository("acme/team", self.team.path)
        self.url = git_http.serve(self, self.folder / "git", "x-access-token") + "/acme/team.git"
        self.adopt_helpers()
        self.settings = {**type(self).settings, "GIT_REMOTE_URL": self.url, "GIT_ACCESS_TOKEN": git_http.TOKEN,
                         "GITHUB_API_URL": self.github.root}

    def pull(self, number=1):
        return self.repo.pulls[number]

    def look_now(self):
        """What waits for its next look need not wait."""
        self.sql("update tasks set wait_until = now() where state = 'waiting'; select pg_notify('persais_tasks', '')")


class Requesting(Forge, Landing):
    def proposed(self, *steps, **more):
        """A task with a result in review at the forge's repository; gives its number and its commit."""
        self.script(*(steps or (fix(),)))
        result = self.run_on(self.url, **more)
        self.expect(result, "ready")
        return result["task"], result["commit"]

    def waits(self, service, task, times=1):
        """Until the service has told so often that it waits; what for, and the sentence that is shown."""
        self.wait_again(service, task, "waiting", times)
        shown = self.show(task)
        said = self.persais("show", task).out
        return shown["landing"]["waits_on"], next(line for line in said.splitlines() if "waits, because" in line)
