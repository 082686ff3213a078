"""What the stories about requests share: a repository at a forge of our own, whose git server takes pushes."""

import shutil
import sys
from pathlib import Path

import git_http
from landing import Landing
from remote import Remote, git
from scripted import fix

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fakes"))
from github import GitHub  # noqa: E402
from gitea import Gitea, RealGitea  # noqa: E402
from gitea.real import PROGRAM  # noqa: E402
from gitlab import GitLab  # noqa: E402


class Forge:
    """Beside a story: its repository is at a forge, and what is deployed goes by requests."""

    settings = {"DEPLOY_STRATEGY": "request"}
    kind, make, user = "github", GitHub, "x-access-token"  # `user`: whose a token is when git asks

    def setUp(self):
        super().setUp()
        self.forge = self.github = type(self).make()
        self.forge.start()
        self.addCleanup(self.forge.stop)
        self.token = self.forge.token(git_http.TOKEN)
        (self.folder / "git/acme").mkdir(parents=True)
        self.team = Remote(self.folder / "git/acme/team.git")
        shutil.rmtree(self.team.path.with_suffix(".seed"))
        self.repo = self.forge.repository("acme/team", self.team.path)
        self.url = self.serve_git()
        self.adopt_helpers()
        self.settings = {**type(self).settings, "FORGE": self.kind, "GIT_REMOTE_URL": self.url, "GIT_ACCESS_TOKEN": self.token.secret,
                         f"{self.kind.upper()}_API_URL": getattr(self.forge, "api", self.forge.root)}

    def serve_git(self):
        return git_http.serve(self, self.folder / "git", self.user) + "/acme/team.git"

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


class AtGitea(Requesting):
    """With PERSAIS_GITEA at the real one, which serves git itself."""

    kind, make, user = "gitea", RealGitea if PROGRAM else Gitea, "git"
    name, merge = "Gitea", ("POST", "/merge$")

    def serve_git(self):
        if not PROGRAM:
            return super().serve_git()
        self.team.path = self.repo.path
        return f"{self.forge.direct}/acme/team.git"

    def page(self, number=1):
        return f"{self.forge.web}/acme/team/pulls/{number}"

    def others(self, remote, **files):
        if PROGRAM and not remote.path.with_suffix(".other").exists():  # whose hooks take no push past the server
            git(self.folder, "clone", "-q", self.forge.address_of_keeper("acme/team"), str(remote.path.with_suffix(".other")))
        return super().others(remote, **files)

    def requires(self, checks=False, review=False):
        self.repo.protect("main", checks=["build*"] if checks else [], approvals=int(review))

    def check(self, commit, state):
        self.repo.status(commit, "build", {"running": "pending", "red": "failure", "green": "success"}[state])

    def approve(self, number=1):
        self.repo.review(number, "ann", "APPROVED")

    def is_draft(self, number=1):
        return self.pull(number)["draft"] if PROGRAM else self.repo.is_draft(self.pull(number))

    def lose_the_right(self):
        """At the real one the token is git's, too."""
        if PROGRAM:
            self.settings["GIT_ACCESS_TOKEN"] = self.forge.token("", scopes=["read:repository"]).secret
            return "The token may not push to "
        self.token.scopes = {"read:repository"}
        return "Gitea does not let this token open a "


class AtGitLab(Requesting):
    kind, make, user = "gitlab", GitLab, "oauth2"
    name, merge = "GitLab", ("PUT", "/merge$")

    def page(self, number=1):
        return f"https://gitlab.example/acme/team/-/merge_requests/{number}"

    def requires(self, checks=False, review=False):
        self.repo.pipeline_must_succeed, self.repo.approvals_required = checks, int(review)

    def check(self, commit, state):
        self.repo.pipeline(commit, {"running": "running", "red": "failed", "green": "success"}[state], ["build"] if state == "red" else ())

    def approve(self, number=1):
        self.repo.approve(number)

    def is_draft(self, number=1):
        return self.repo.is_draft(self.pull(number))

    def lose_the_right(self):
        self.token.scopes = {"read_api"}
        return "GitLab does not let this token open a "
