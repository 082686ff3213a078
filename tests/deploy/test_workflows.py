"""The pipelines test first, deploy main only, one after the other, by deploy/fly-deploy, and run nothing that is not pinned.
(tests/deploy/lint_workflows, nightly, holds them to the forges' own schemas.)"""

import os
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AGENT = Path(os.environ.get("PERSAIS_AGENT_ENV", ROOT / "build/deps/agent-env"))
sys.path += [str(folder) for folder in AGENT.glob("lib/python3*/site-packages")]
import yaml  # noqa: E402  aider needs it, so it is there

GITHUB, GITLAB, RELEASE = ROOT / ".github/workflows/deploy.yml", ROOT / ".gitlab-ci.yml", ROOT / ".github/workflows/release.yml"
# GitLab takes these at the top as its own settings: a job of that name is none.
RESERVED = {"image", "services", "stages", "types", "before_script", "after_script", "variables", "cache", "include", "pages", "true", "false", "nil"}


def commands(job):
    """Everything that a job's shell is given, as one text."""
    return "\n".join([step.get("run", "") for step in job["steps"]] if "steps" in job else job["script"])


# A script that is run as it comes down: nobody has read it, and tomorrow it is another one.
PIPED = re.compile(r"""\b(?:curl|wget)\b[^\n;]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+)?(?:\S*/)?(?:(?:ba|da|k|z)?sh|python3?|perl|node)\b
    | (?:\$\(|`|<\()\s*(?:curl|wget)\b""", re.VERBOSE)


class Rights(unittest.TestCase):
    """What a job's token may do, and which jobs get one: read from the workflows themselves, each of them."""

    def setUp(self):
        self.flows = {path.name: yaml.safe_load(path.read_text()) for path in sorted(ROOT.glob(".github/workflows/*.y*ml"))}
        self.assertTrue(self.flows)

    def test_a_token_may_read_the_repository_and_no_more(self):
        for name, flow in self.flows.items():
            self.assertEqual(flow.get("permissions"), {"contents": "read"}, name)
            self.assertEqual([job for job, what in flow["jobs"].items() if "permissions" in what], [], f"{name}: a job with rights of its own")

    def test_a_checkout_leaves_no_token_behind(self):
        for name, flow in self.flows.items():
            steps = [step for job in flow["jobs"].values() for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
            self.assertTrue(steps, name)
            self.assertEqual([step for step in steps if step.get("with", {}).get("persist-credentials") is not False], [], name)

    def test_what_a_stranger_can_start_has_no_secret(self):
        for name, flow in self.flows.items():
            self.assertEqual(set(flow[True]) & {"pull_request_target", "workflow_run", "issue_comment", "issues"}, set(), name)
            for job, what in flow["jobs"].items():
                if "secrets" in str(what) or "environment" in what:
                    self.assertIn("github.event_name != 'pull_request'", what["if"], f"{name}: {job}")
                    self.assertNotIn("||", what["if"], f"{name}: {job}")


class Downloads(unittest.TestCase):
    def scripts(self):
        for path in ROOT.glob(".github/workflows/*.y*ml"):
            for name, job in yaml.safe_load(path.read_text())["jobs"].items():
                yield f"{path.name}: {name}", commands(job)
        flow = yaml.safe_load(GITLAB.read_text())
        for name, job in flow.items():
            if isinstance(job, dict) and "script" in job:
                yield f"{GITLAB.name}: {name}", "\n".join(sum((job.get(part, []) for part in ("before_script", "script", "after_script")), []))

    def test_no_job_pipes_what_it_downloads_into_a_shell(self):
        self.assertEqual([name for name, script in self.scripts() if PIPED.search(script)], [])

    def test_what_a_job_downloads_is_compared_with_a_sum_that_stands_here(self):
        for name, script in self.scripts():
            for line in re.findall(r"(?m)^.*\b(?:curl|wget) -.*$", script):
                self.assertRegex(line, r" -o \S+ ", f"{name}: a download goes to a file first")
                file = re.search(r" -o (\S+) ", line)[1]
                self.assertRegex(script[script.index(line):], rf'\n\s*echo "\$\w+_SHA256  {file}" \| sha256sum --check --strict\n', name)
        self.assertRegex(yaml.safe_load(GITLAB.read_text())["deploy"]["variables"]["FLYCTL_SHA256"], r"^[0-9a-f]{64}$")

    def test_the_usual_ways_of_piping_are_seen(self):
        for bad in ("curl -fsSL https://x/install.sh | sh -s 1", "wget -qO- https://x |sudo -E bash -", "sh -c \"$(curl -fsSL https://x)\"",
                    "bash <(curl https://x)", "curl https://x | tee log | python3 -", "curl x | /bin/bash"):
            self.assertRegex(bad, PIPED)
        for good in ("curl -fsSL -o a https://x", 'echo "$SUM  a" | sha256sum --check', "apt-get install curl | cat"):
            self.assertNotRegex(good, PIPED)


class GitHub(unittest.TestCase):
    def setUp(self):
        self.flow = yaml.safe_load(GITHUB.read_text())
        self.when = self.flow[True]  # YAML 1.1 reads a bare `on` as true
        self.jobs = self.flow["jobs"]

    def test_actions_are_pinned_by_commit(self):
        used = re.findall(r"uses: (\S+)", GITHUB.read_text() + RELEASE.read_text())
        self.assertTrue(used)
        self.assertEqual([action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)], [])

    def test_only_main_is_deployed_after_test_and_image(self):
        self.assertEqual(self.when["push"]["branches"], ["main"])
        deploy = self.jobs["deploy"]
        self.assertEqual(sorted(deploy["needs"]), ["image", "test"])
        self.assertIn("github.ref == 'refs/heads/main'", deploy["if"])
        self.assertIn("!= 'pull_request'", deploy["if"])
        self.assertEqual(deploy["concurrency"], {"group": "fly", "cancel-in-progress": False})

    def test_foreign_code_gets_no_secret(self):
        for name, job in self.jobs.items():
            self.assertEqual("secrets." in str(job), name == "deploy", name)
            self.assertNotIn("${{", commands(job), "an expression in a script is a hole; env is for values")

    def test_each_job_ends(self):
        self.assertEqual([name for name, job in self.jobs.items() if "timeout-minutes" not in job], [])

    def test_the_jobs_do_what_their_names_say(self):
        self.assertIn(".ci/run", commands(self.jobs["test"]))
        self.assertIn("docker build", commands(self.jobs["image"]))
        self.assertEqual(commands(self.jobs["deploy"]).strip(), "deploy/fly-deploy --archive persais.tar.gz")

    def test_what_is_deployed_is_the_image_that_made_the_change(self):
        steps = self.jobs["image"]["steps"]
        saved = next(at for at, step in enumerate(steps) if "docker save persais" in step.get("run", ""))
        tried = next(at for at, step in enumerate(steps) if "persais persais demo" in step.get("run", ""))
        self.assertLess(tried, saved)
        self.assertNotIn("docker build", "".join(step.get("run", "") for step in steps[tried:]))
        kept = next(step for step in steps if "upload-artifact" in step.get("uses", ""))["with"]
        taken = next(step for step in self.jobs["deploy"]["steps"] if "download-artifact" in step.get("uses", ""))["with"]
        self.assertEqual((kept["path"], kept["name"]), ("persais.tar.gz", taken["name"]))


class GitLab(unittest.TestCase):
    def setUp(self):
        self.flow = yaml.safe_load(GITLAB.read_text())
        self.jobs = {name: job for name, job in self.flow.items() if isinstance(job, dict) and "script" in job}

    def test_no_job_has_a_name_that_gitlab_takes_for_a_setting(self):
        self.assertEqual(set(self.jobs) & RESERVED, set())
        self.assertEqual(sorted(self.jobs), ["build-image", "deploy", "test"])

    def test_only_main_is_deployed_after_test_and_image(self):
        self.assertEqual(self.flow["stages"], ["test", "image", "deploy"])
        self.assertEqual({name: job["stage"] for name, job in self.jobs.items()}, {"test": "test", "build-image": "image", "deploy": "deploy"})
        deploy = self.jobs["deploy"]
        self.assertEqual(deploy["rules"], [{"if": '$CI_COMMIT_BRANCH == "main" && $FLY_APP'}])
        self.assertEqual((deploy["resource_group"], deploy["interruptible"]), ("fly", False))
        self.assertEqual([name for name, job in self.jobs.items() if "allow_failure" in job or "timeout" not in job], [])

    def test_the_jobs_do_what_their_names_say(self):
        self.assertIn(".ci/run", commands(self.jobs["test"]))
        self.assertIn("docker build", commands(self.jobs["build-image"]))
        self.assertEqual(self.jobs["deploy"]["script"][-1], "deploy/fly-deploy --archive persais.tar.gz")

    def test_what_is_deployed_is_the_image_that_made_the_change(self):
        script = self.jobs["build-image"]["script"]
        order = [next(at for at, line in enumerate(script) if part in line) for part in ("docker build", "persais persais demo", "docker save persais")]
        self.assertEqual(order, sorted(order))
        self.assertEqual(self.jobs["build-image"]["artifacts"]["paths"], ["persais.tar.gz"])


class Release(unittest.TestCase):
    def setUp(self):
        self.flow = yaml.safe_load(RELEASE.read_text())

    def test_a_tag_alone_makes_packages_which_are_installed_before_they_are_kept(self):
        self.assertEqual(self.flow[True], {"push": {"tags": ["v*"]}})
        [job] = self.flow["jobs"].values()
        said = commands(job)
        self.assertLess(said.index("scripts/package"), said.index("persais-service demo"))
        self.assertIn("upload-artifact", job["steps"][-1]["uses"])
        self.assertIn("timeout-minutes", job)
        self.assertNotIn("secrets.", str(job))
        self.assertNotIn("${{", said)


class Both(unittest.TestCase):
    def test_they_use_one_version_of_flyctl(self):
        versions = re.findall(r"version: (0\.\S+)", GITHUB.read_text()) + re.findall(r'FLYCTL_VERSION: "(\S+)"', GITLAB.read_text())
        self.assertEqual(len(versions), 2)
        self.assertEqual(len(set(versions)), 1, versions)

    def test_the_image_that_is_deployed_has_made_a_change_before(self):
        documented = next(line.strip() for line in (ROOT / "docs/docker.md").read_text().splitlines() if re.fullmatch(r"\s*docker run --rm .*persais persais demo", line))
        for job in (yaml.safe_load(GITHUB.read_text())["jobs"]["image"], yaml.safe_load(GITLAB.read_text())["build-image"]):
            self.assertIn(documented, commands(job), "as the documents have it")

    def test_what_they_start_is_there(self):
        for file in (".ci/run", "deploy/fly-deploy", "scripts/package"):
            self.assertTrue(os.access(ROOT / file, os.X_OK), file)
        self.assertTrue((ROOT / "fly.toml").exists())


if __name__ == "__main__":
    unittest.main()
