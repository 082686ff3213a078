"""`persais doctor`: what is well is said so, and each thing that is not is found, with what to do, and no secret shown."""

import json
import socket
import subprocess
import sys
import time

import git_http
from json_schema import command_faults
from api import BOT, Api, telegram
from persais import Persais
from scripted import KEY, MODEL
from story import IS_ROOT, Story

BOXES = ["Dockerfile builds successfully", "docker-compose.yml works locally", "Fly.io deployment passes",
         "Health check endpoint answers", "Git clone and push work from here", "aider starts and answers a simple command",
         "Postgres connection pool works", "Secrets are injected rightly"]


class DoctorStory(Story):
    embedded = True
    settings = {"PORT": "0"}

    def environment(self, **changes):
        # Nothing outside this machine is asked for.
        nowhere = {} if self.model else {"OPENROUTER_BASE_URL": "http://127.0.0.1:9/v1"}
        return super().environment(**{**nowhere, **changes})

    def doctor(self, *flags, before=(), **changes):
        """The probes by their names, the boxes by theirs; what was printed holds no secret."""
        run = Persais(["doctor", "--json", *flags], self.environment(**changes), self.folder / "cwd", before)
        self.running.append(run)
        self.code = run.wait()
        for secret in (KEY, BOT, git_http.TOKEN, git_http.READER):
            self.assertNotIn(secret.encode(), run.raw + run.errors)
        self.assertEqual(run.errors, b"")
        self.assertEqual(run.result["event"], "result", run.story())
        self.assertEqual(command_faults(["doctor"], run.lines), [])
        self.assertEqual([line["name"] for line in run.lines if line["event"] == "box"], BOXES)
        self.boxes = {line["name"]: line for line in run.lines if line["event"] == "box"}
        self.probes = {line["name"]: line for line in run.lines if line["event"] == "probe"}
        self.assertEqual(self.code, 1 if any(p["status"] == "fail" for p in self.probes.values()) else 0, run.story())
        self.nothing_left()
        return self.probes

    def expect_probe(self, name, status, *words, advice=None):
        probe = self.probes[name]
        self.assertEqual(probe["status"], status, probe)
        for word in words:
            self.assertIn(word, probe["sentence"])
        if status in ("fail", "warn"):
            self.assertTrue(probe["advice"], probe)
        if advice:
            self.assertIn(advice, probe["advice"])
        return probe


class AllIsWell(DoctorStory):
    aider = True  # its environment is what is looked at, and it is asked something

    def test_each_box_that_can_be_seen_is_ticked(self):
        self.script(default={"reply": "ready"})
        remote = self.remote()
        web = git_http.serve(self, self.folder)
        bot = telegram(self)
        self.adopt_helpers()
        self.doctor(GIT_REMOTE_URL=f"{web}/team.git", GIT_ACCESS_TOKEN=git_http.TOKEN, TELEGRAM_BOT_TOKEN=BOT,
                    TELEGRAM_API_ROOT=bot.url, TELEGRAM_ADMIN_IDS="42", AIDER_MODEL=MODEL)
        self.assertEqual([p for p in self.probes.values() if p["status"] in ("fail", "warn")], [])
        self.assertEqual(self.code, 0)
        for box in BOXES[4:]:
            self.assertEqual(self.boxes[box]["status"], "ok", self.boxes[box])
        for box in BOXES[1:4]:
            self.assertIn("Seen elsewhere", self.boxes[box]["sentence"])
        self.expect_probe("answer", "ok", MODEL)
        self.expect_probe("telegram", "ok", "@tests_bot")
        self.expect_probe("pgvector", "ok")
        self.expect_nothing_pushed(remote)
        asked = self.model.requests()
        self.assertEqual(len(asked), 1)
        self.assertLessEqual(asked[0]["body"]["max_tokens"], 200)
        cost = self.probes["answer"]["facts"]["cost_usd"]
        self.assertGreater(cost, 0)
        self.assertLess(cost, 0.01)

    def test_words_for_people_say_the_same_in_a_pipe(self):
        run = Persais(["doctor", "--offline"], self.environment(OPENROUTER_API_KEY=None), self.folder / "cwd")
        self.running.append(run)
        self.assertEqual(run.wait(), 0, run.story())
        text = run.raw.decode()
        for box in BOXES:
            self.assertIn(box, text)
        self.assertIn("aider was asked nothing: there is no model key.", text)
        self.assertIn("warn    key", text)
        self.assertNotIn("\x1b", text)
        self.assertNotIn("✓", text)
        looked, _, boxes = text.partition("\nDefinition of Done\n")
        for part in (looked, boxes.strip().rpartition("\n\n")[0]):
            marks = [line.split()[0] for line in part.splitlines() if line.startswith(("ok ", "warn ", "fail ", "skipped "))]
            self.assertIn("skipped", marks)
            self.assertEqual(marks, sorted(marks, key="skipped".__eq__), "what was not tried comes last")

    def test_each_line_is_told_as_soon_as_it_is_known(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            remote = f"http://127.0.0.1:{silent.getsockname()[1]}/team.git"
            run = Persais(["doctor", "--json"], self.environment(OPENROUTER_API_KEY=None, GIT_REMOTE_URL=remote), self.folder / "cwd")
            self.running.append(run)
            for name in ("memory", "database", "agent"):
                run.wait_line(event="probe", name=name)
            self.assertFalse([line for line in run.lines if line.get("name") == "remote"], "it waits for an answer still")
        self.assertEqual(run.wait(), 1, run.story())
        self.assertEqual(command_faults(["doctor"], run.lines), [])
        self.assertEqual(run.wait_line(event="probe", name="remote")["status"], "fail")


class Settings(DoctorStory):
    def test_a_wrong_one_is_a_line_and_nothing_else_is_looked_at(self):
        self.doctor(OPENROUTER_API_KEY="xxx", TASK_TIMEOUT="soon")
        self.assertEqual(set(self.probes), {"settings"})
        self.assertEqual(self.code, 1)
        self.assertEqual(self.boxes[BOXES[7]]["status"], "fail")

    def test_a_data_folder_that_cannot_be(self):
        (self.folder / "file").write_text("")
        self.doctor("--offline", PERSAIS_DATA=str(self.folder / "file/data"))
        self.expect_probe("data", "fail", "cannot be made", advice="PERSAIS_DATA")
        self.expect_probe("database", "fail")

    def test_a_port_of_another_program(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            taken.close()
            other = Api(self, {})
            port = other.url.rpartition(":")[2]
            self.doctor("--offline", PORT=port, HOST="127.0.0.1", METRICS_ADDRESS=f"127.0.0.1:{port}")
        self.expect_probe("port", "fail", "taken by another program", advice="PORT")
        self.expect_probe("metrics", "fail", advice="METRICS_ADDRESS")

    def test_a_running_service_is_seen_by_its_health(self):
        checks = {"database": {"status": "ok", "message": ""}}
        other = Api(self, {"/health": (200, {"status": "ok", "checks": checks})})
        port = other.url.rpartition(":")[2]
        self.doctor("--offline", PORT=port, HOST="127.0.0.1")
        self.expect_probe("port", "ok", "answers /health with 200")
        self.assertEqual(self.boxes[BOXES[3]]["status"], "ok")
        other.answers["/health"] = (503, {"status": "down", "checks": {"disk": {"status": "down", "message": "It is full."}}})
        self.doctor("--offline", PORT=port, HOST="127.0.0.1")
        self.expect_probe("port", "fail", "503", advice="disk: It is full.")
        self.assertEqual(self.boxes[BOXES[3]]["status"], "fail")


class Model(DoctorStory):
    def test_a_refused_key(self):
        self.script(default={"reply": "ready"})
        self.doctor(OPENROUTER_API_KEY=KEY + "-old")
        self.expect_probe("key", "fail", "refuses OPENROUTER_API_KEY")
        self.expect_probe("model", "ok", MODEL)
        self.expect_probe("answer", "skipped", "see key")
        self.assertEqual(self.model.requests(), [])

    def test_a_model_that_is_not_there_names_those_that_resemble_it(self):
        flags = ["--strict-models"]
        for name in ("acme/opus-4.5", "acme/opus-5", "acme/haiku-5", "other/mini"):
            flags += ["--model", name]
        self.script(default={"reply": "ready"}, flags=flags)
        self.doctor(AIDER_MODEL="openrouter/acme/opus-3")
        probe = self.expect_probe("model", "fail", "no model acme/opus-3", advice="acme/opus-5, acme/opus-4.5, acme/haiku-5")
        self.assertNotIn("other/mini", probe["advice"])
        self.doctor("--offline", AIDER_MODEL="openrouter/acme/opus-3")
        self.expect_probe("model", "skipped")

    def test_an_alias_of_the_newest(self):
        self.script(default={"reply": "ready"}, flags=["--model", "acme/opus-4.5", "--model", "acme/opus-5"])
        self.doctor(AIDER_MODEL="~acme/opus-latest")
        self.expect_probe("model", "ok", "~acme/opus-latest is there", "$3 a million tokens sent")

    def test_a_model_that_will_be_retired(self):
        soon, gone = (time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400)) for days in (3, -3))
        price = {"prompt": "0.000001", "completion": "0.000002"}
        models = [{"id": "a/soon", "context_length": 1000, "pricing": price, "expiration_date": soon},
                  {"id": "a/gone", "context_length": 1000, "pricing": price, "expiration_date": gone}]
        api = Api(self, {"/v1/models": (200, {"data": models}), "/v1/key": (200, {"data": {"limit": 5, "limit_remaining": 4}})})
        self.doctor(OPENROUTER_BASE_URL=api.url + "/v1", AIDER_MODEL="a/soon")
        self.expect_probe("model", "warn", "retires it in", advice="AIDER_MODEL")
        self.expect_probe("answer", "fail", "did not answer", advice="Name another model")
        self.expect_probe("key", "ok", "$4.00 of its limit of $5.00")
        self.doctor(OPENROUTER_BASE_URL=api.url + "/v1", AIDER_MODEL="a/gone")
        self.expect_probe("model", "fail", "was retired")

    def test_credit_that_is_used_up(self):
        self.script(default={"reply": "ready"})
        key = {"limit": None, "limit_remaining": None, "is_free_tier": False}
        api = Api(self, {"/v1/models": (200, {"data": [{"id": MODEL}]}), "/v1/key": (200, {"data": key}),
                         "/v1/credits": (200, {"data": {"total_credits": 10, "total_usage": 10}})})
        self.doctor(OPENROUTER_BASE_URL=api.url + "/v1")
        self.expect_probe("key", "fail", "$0.00", advice="credit")

    def test_a_clock_that_goes_wrong(self):
        late = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 300))
        api = Api(self, {"/v1/models": (200, {"data": []}, {"Date": late})})
        self.doctor(OPENROUTER_BASE_URL=api.url + "/v1", OPENROUTER_API_KEY=None)
        self.expect_probe("clock", "warn", "behind that of the model endpoint", advice="NTP")

    def test_an_endpoint_that_is_not_there(self):
        self.doctor()
        self.expect_probe("model", "fail", "is not reached", advice="OPENROUTER_BASE_URL")
        self.expect_probe("key", "fail", "could not be tried")


class Remote(DoctorStory):
    def serve(self, *flags):
        """The same server, where the name that goes with a token has these rights."""
        server = subprocess.Popen([sys.executable, git_http.SERVE, str(self.folder), *flags], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(self.folder)},
                                  text=True)

        def stop():
            server.stdout.close()
            server.terminate()
            server.wait()

        self.addCleanup(stop)
        url = server.stdout.readline().split()[1]
        self.adopt_helpers()
        return url

    def look(self, web, token, path="team.git"):
        self.doctor(GIT_REMOTE_URL=f"{web}/{path}", GIT_ACCESS_TOKEN=token, OPENROUTER_API_KEY=None)

    def test_a_token_that_may_only_read(self):
        remote = self.remote()
        web = self.serve("--user", "ada", "--token", "unused", "--read-only-user", f"git:{git_http.READER}")
        self.look(web, git_http.READER)
        self.expect_probe("remote", "ok", "main")
        push = self.expect_probe("push", "fail", "may not push", advice="right to write")
        self.assertEqual(push["facts"]["trouble"], "no_push")
        self.expect_nothing_pushed(remote)

    def test_a_token_that_may_not_read_and_a_repository_that_is_not_there(self):
        self.remote()
        web = self.serve("--user", "git", "--token", git_http.TOKEN)
        self.look(web, git_http.TOKEN, path="absent.git")
        self.assertEqual(self.expect_probe("remote", "fail")["facts"]["trouble"], "not_found")
        self.expect_probe("push", "skipped")
        self.look(web, "a-wrong-" + "one")
        self.assertEqual(self.expect_probe("remote", "fail")["facts"]["trouble"], "no_read")
        self.assertEqual(self.boxes[BOXES[4]]["status"], "fail")

    def test_a_folder_that_may_not_be_written(self):
        remote = self.remote()
        if IS_ROOT:
            self.skipTest("root may write everywhere")
        for part in ("objects", "refs/heads"):
            (remote.path / part).chmod(0o555)
        self.doctor("--offline", GIT_REMOTE_URL=str(remote.path))
        self.expect_probe("push", "fail", "may not write")
        for part in ("objects", "refs/heads"):
            (remote.path / part).chmod(0o755)

    def test_an_empty_one(self):
        empty = self.folder / "empty.git"
        subprocess.run(["git", "init", "-q", "--bare", empty], check=True)
        self.doctor("--offline", GIT_REMOTE_URL=str(empty))
        self.expect_probe("remote", "fail", "is empty", advice="first commit")

    def test_a_base_branch_that_is_not_there(self):
        self.doctor("--offline", GIT_REMOTE_URL=str(self.remote().path), GIT_BASE_BRANCH="trunk")
        self.expect_probe("remote", "fail", "has no branch trunk", advice="then it is main")

    def forge(self, kind, answers, **more):
        self.remote()
        web = git_http.serve(self, self.folder)
        self.adopt_helpers()
        api = Api(self, answers)
        self.doctor(GIT_REMOTE_URL=f"{web}/acme/team.git", GIT_ACCESS_TOKEN=git_http.TOKEN, OPENROUTER_API_KEY=None,
                    FORGE=kind, **{f"{kind.upper()}_API_URL": api.url}, **more)
        return api

    def test_github_tells_scopes_rights_and_the_end(self):
        soon = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(time.time() + 2 * 86400))
        rights = {"admin": False, "push": True, "pull": True}
        repository = {"permissions": rights, "default_branch": "main", "archived": False}
        told = {"X-OAuth-Scopes": "repo, workflow", "github-authentication-token-expiration": soon}
        api = self.forge("github", {"/repos/acme/team": (200, repository, told)})
        self.assertEqual(api.headers("/repos/acme/team")["Authorization"], "Bearer " + git_http.TOKEN)
        self.expect_probe("token", "warn", "scopes: repo, workflow", "expires in")
        api = self.forge_again(api, {"/repos/acme/team": (200, {**repository, "permissions": {**rights, "push": False}})})
        self.expect_probe("token", "fail", "may read and not push", advice="Contents: read and write")
        self.forge_again(api, {"/repos/acme/team": (200, repository),
                               "/repos/acme/team/branches/main": (200, {"name": "main", "protected": True})})
        self.expect_probe("token", "warn", "base branch is protected", advice="DEPLOY_STRATEGY=request")
        self.forge_again(api, {"/repos/acme/team": (401, {"message": "Bad credentials"})})
        self.expect_probe("token", "fail", "refuses the token")

    def forge_again(self, api, answers):
        api.answers = answers
        self.doctor(GIT_REMOTE_URL="http://127.0.0.1:9/acme/team.git", GIT_ACCESS_TOKEN=git_http.TOKEN,
                    OPENROUTER_API_KEY=None, FORGE="github", GITHUB_API_URL=api.url)
        return api

    def test_gitlab_tells_scopes_and_role(self):
        project = {"archived": False, "permissions": {"project_access": {"access_level": 20}, "group_access": None}}
        api = self.forge("gitlab", {"/personal_access_tokens/self": (200, {"scopes": ["api"], "expires_at": None}),
                                    "/projects/acme%2Fteam": (200, project)})
        self.assertEqual(api.headers("/personal_access_tokens/self")["PRIVATE-TOKEN"], git_http.TOKEN)
        self.expect_probe("token", "fail", "GitLab", "scopes: api", advice="Developer")

    def without_scope_api(self, **more):
        project = {"archived": False, "permissions": {"project_access": {"access_level": 30}, "group_access": None}}
        self.forge("gitlab", {"/personal_access_tokens/self": (200, {"scopes": ["read_api", "write_repository"], "expires_at": None}),
                              "/projects/acme%2Fteam": (200, project)}, **more)

    def test_gitlab_tells_that_merge_requests_need_another_scope(self):
        self.without_scope_api(DEPLOY_STRATEGY="request")
        self.expect_probe("token", "fail", "no scope `api`", "scopes: read_api, write_repository", advice="scope api")

    def test_branches_of_gitlab_need_no_scope_of_its_api(self):
        self.without_scope_api()
        self.expect_probe("token", "ok", "may push")

    def test_an_unknown_host_gets_no_token(self):
        api = Api(self, {})
        self.doctor("--offline", GIT_REMOTE_URL=api.url + "/acme/team.git", GIT_ACCESS_TOKEN=git_http.TOKEN)
        self.expect_probe("token", "skipped", "no known forge")
        self.assertEqual(api.seen, [])


class Telegram(DoctorStory):
    def look(self, api, **more):
        self.doctor(TELEGRAM_BOT_TOKEN=BOT, TELEGRAM_API_ROOT=api.url, OPENROUTER_API_KEY=None, **more)

    def test_a_wrong_token(self):
        self.look(Api(self, {f"/bot{BOT}/getMe": (401, {"ok": False, "description": "Unauthorized"})}))
        self.expect_probe("telegram", "fail", "no bot", advice="@BotFather")

    def test_a_webhook_of_another_program(self):
        self.look(telegram(self, {"url": "https://other.example/hook", "pending_update_count": 3}))
        self.expect_probe("telegram", "warn", "3 messages", "another program", advice="@BotFather")

    def test_a_webhook_that_telegram_cannot_reach(self):
        url = "https://persais.example/telegram/webhook"
        self.look(telegram(self, {"url": url, "last_error_date": int(time.time()) - 60, "last_error_message": "Read timeout"}),
                  TELEGRAM_WEBHOOK_URL=url)
        self.expect_probe("telegram", "warn", "Read timeout")

    def test_no_way_there(self):
        gone = Api(self, {})
        gone.server.server_close()
        self.look(gone)
        self.expect_probe("telegram", "fail", "not reached")


class Machine(DoctorStory):
    def test_a_machine_without_namespaces_gets_told_what_to_change(self):
        without = (["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"] if IS_ROOT else
                   ["bwrap", "--unshare-user", "--disable-userns", "--dev-bind", "/", "/"])
        self.doctor("--offline", before=without)
        self.expect_probe("sandbox", "fail", "Tasks are refused", "bubblewrap")
        self.expect_probe("answer", "skipped")
        self.assertEqual(self.boxes[BOXES[5]]["status"], "fail")

    def test_what_cannot_be_hidden_from_tasks_is_told(self):
        (self.data / "bin").mkdir(parents=True, exist_ok=True)
        self.addCleanup((self.data / "bin").rmdir)
        self.doctor("--offline", PATH=f"{self.data}/bin:/usr/bin:/bin")
        self.expect_probe("sandbox", "fail", "Tasks are refused", "which PATH names", str(self.data), advice="Move what")

    def test_an_agent_that_cannot_be_imported(self):
        broken = self.folder / "env/bin"
        broken.mkdir(parents=True)
        (broken / "python").symlink_to("/usr/bin/python3")
        self.doctor("--offline", PERSAIS_AGENT_ENV=str(broken.parent))
        self.expect_probe("agent", "fail", "does not work", advice="make setup")

    def test_on_fly_the_box_is_ticked(self):
        self.doctor("--offline", FLY_APP_NAME="acme", FLY_REGION="ams", FLY_MACHINE_ID="e2")
        self.assertEqual(self.boxes[BOXES[2]]["status"], "ok")
        self.assertIn("acme", self.boxes[BOXES[2]]["sentence"])

    def test_a_database_that_is_not_there(self):
        started = time.monotonic()
        self.doctor("--offline", DATABASE_URL="postgresql://ada:" + "secret-word" + "@127.0.0.1:9/x")
        self.expect_probe("database", "fail", "cannot be used", advice="DATABASE_URL")
        self.expect_probe("pool", "skipped")
        self.assertNotIn("secret-word", json.dumps(self.probes))
        self.assertLess(time.monotonic() - started, 45)
        self.assertEqual(self.boxes[BOXES[6]]["status"], "fail")
