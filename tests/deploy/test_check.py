"""deploy/check ticks what it saw, says why not for what does not hold, and names the command for what it cannot see."""

import http.server
import json
import os
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOXES = ["Dockerfile builds successfully", "docker-compose.yml works locally", "Fly.io deployment passes", "Health check endpoint answers",
         "Git clone/push works from the container", "Aider starts and answers a simple command", "Postgres connection pool works",
         "Secrets are injected correctly"]
WELL = {"/health": (200, {"status": "ok", "checks": {"database": {"status": "ok"}, "sandbox": {"status": "ok"}}}),
        "/health/live": (200, {"status": "ok"}), "/telegram/webhook": (401, {}), "/metrics": (404, {})}
# As `persais doctor --json` says it: boxes, then probes, then the result.
PUSH, AIDER, POOL, SECRETS = ("Git clone and push work from here", "aider starts and answers a simple command", "Postgres connection pool works",
                              "Secrets are injected rightly")
DOCTOR = {**{("box", name): ("ok", f"{name}, it was tried.") for name in (PUSH, AIDER, POOL, SECRETS)},
          ("box", "Dockerfile builds successfully"): ("ok", "This is a container of it."),
          ("box", "docker-compose.yml works locally"): ("skipped", "Seen elsewhere."),
          **{("probe", name): ("ok", f"{name} was tried.") for name in ("settings", "data", "memory", "database")}}


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = self.server.answers.get(self.path, (404, {}))
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Check(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def serve(self, changes=None, headers=None, tls=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        server.answers, server.headers, server.handle_error = {**WELL, **(changes or {})}, headers or {}, lambda *_: None
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), thread.join(), server.server_close()))
        return f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"

    def program(self, name, rows, noise="Connecting to fdaa::3... complete"):
        """A program that stands for ssh or an engine: prints doctor's lines, after words of its own."""
        lines = [noise] + [json.dumps({"event": event, "name": name_of, "status": status, "sentence": said, "advice": "", "facts": {}})
                           for (event, name_of), (status, said) in rows.items()] + ['{"event":"result","status":"ok"}'] * bool(rows)
        path = self.folder / name
        path.write_text("#!/bin/sh\necho \"$0 $*\" >>" + str(self.folder / "asked") + "\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
        path.chmod(0o755)

    def check(self, url, *arguments, **env):
        done = subprocess.run([ROOT / "deploy/check", url, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", **env})
        self.said, self.code = done.stdout + done.stderr, done.returncode
        return {line[4:46].strip(): (line[:3], line[47:]) for line in done.stdout.splitlines() if line.startswith("[")}

    def test_a_service_on_fly_with_all_well_gets_its_ticks(self):
        self.program("fly", DOCTOR)
        seen = self.check(self.serve(headers={"Fly-Request-Id": "01J-fra"}), "--fly", "mech")
        self.assertEqual(self.code, 0, self.said)
        self.assertEqual([box for box in BOXES if seen[box][0] != "[x]"], ["docker-compose.yml works locally"], "that one is not on Fly")
        self.assertIn("ssh console --app mech --quiet --command persais doctor --json", (self.folder / "asked").read_text())
        self.assertIn("7 of 8 boxes ticked, 1 cannot be seen from here", self.said)

    def test_a_service_in_compose_gets_its_ticks(self):
        self.program("docker", DOCTOR)
        seen = self.check(self.serve(), "--inside", "docker compose exec -T persais")
        self.assertEqual([box for box in BOXES if seen[box][0] != "[x]"], ["Fly.io deployment passes"])
        self.assertEqual(self.code, 0, self.said)

    def test_what_cannot_be_seen_names_the_command_that_shows_it(self):
        seen = self.check(self.serve())
        self.assertEqual(self.code, 0, self.said)
        for box, command in (("Dockerfile builds successfully", "docker build"), ("docker-compose.yml works locally", "docker compose up"),
                             ("Fly.io deployment passes", "--fly APP"), ("Git clone/push works from the container", "persais doctor"),
                             ("Aider starts and answers a simple command", "persais doctor")):
            self.assertEqual(seen[box][0], "[?]")
            self.assertIn(command, seen[box][1])

    def test_what_doctor_found_wrong_is_its_boxs_reason(self):
        for found, box in ((PUSH, BOXES[4]), (AIDER, BOXES[5]), (POOL, BOXES[6]), (SECRETS, BOXES[7])):
            self.program("docker", {**DOCTOR, ("box", found): ("fail", "The token may not push.")})
            seen = self.check(self.serve(), "--docker", "mech")
            self.assertEqual((self.code, seen[box]), (1, ("[ ]", "The token may not push.")), self.said)

    def test_what_is_no_box_is_shown_beside_them(self):
        self.program("docker", {**DOCTOR, ("probe", "data"): ("fail", "The disk is full."), ("probe", "memory"): ("warn", "Little of it.")})
        seen = self.check(self.serve(), "--docker", "mech")["Everything else that doctor looks at"]
        self.assertEqual((self.code, seen), (1, ("[ ]", "data: The disk is full.; memory: Little of it.")))

    def test_what_doctor_did_not_try_is_not_ticked(self):
        self.program("docker", {**DOCTOR, ("box", AIDER): ("skipped", "No key is set.")})
        self.assertEqual(self.check(self.serve(), "--docker", "mech")[BOXES[5]], ("[?]", "No key is set."))

    def test_a_wrong_setting_unticks_all_that_doctor_would_have_seen(self):
        boxes = {("box", name): ("skipped", "Not looked at: the settings are to be right first.") for name in (PUSH, AIDER, POOL)}
        self.program("docker", {**boxes, ("probe", "settings"): ("fail", "PORT: is no number")})
        seen = self.check(self.serve(), "--docker", "mech")
        self.assertEqual([seen[box] for box in BOXES[4:]], [("[ ]", "PORT: is no number")] * 4)

    def test_an_inside_that_cannot_be_reached_is_said_not_guessed(self):
        self.program("docker", {}, noise="Error response from daemon: No such container: mech")
        seen = self.check(self.serve(), "--docker", "mech")
        self.assertEqual(seen[BOXES[5]][0], "[?]")
        self.assertIn("No such container", seen[BOXES[5]][1])

    def test_a_service_that_is_not_ready_says_which_part(self):
        down = {"/health": (503, {"status": "down", "checks": {"database": {"status": "down", "message": "no answer from ep-x"}}})}
        seen = self.check(self.serve(down))
        self.assertEqual((self.code, seen[BOXES[3]][0]), (1, "[ ]"))
        self.assertIn("/health 503", seen[BOXES[3]][1])
        self.assertIn("database down: no answer from ep-x", seen[BOXES[3]][1])
        self.assertEqual(seen[BOXES[6]][0], "[ ]")

    def test_another_programs_200_is_no_health(self):
        self.assertEqual(self.check(self.serve({"/health": (200, {})}))[BOXES[3]][0], "[ ]")

    def test_a_door_that_stands_open_is_no_tick_for_secrets(self):
        for open_door in ("/telegram/webhook", "/metrics"):
            seen = self.check(self.serve({open_door: (200, {})}))
            self.assertEqual((self.code, seen[BOXES[7]][0]), (1, "[ ]"), self.said)
            self.assertIn(open_door, seen[BOXES[7]][1])

    def test_the_certificate_is_looked_at(self):
        for days, mark in ((90, "[x]"), (5, "[ ]")):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days), "-subj",
                            "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "crt.pem"],
                           cwd=self.folder, check=True, capture_output=True)
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self.folder / "crt.pem", self.folder / "key.pem")
            url = self.serve(tls=tls)
            self.assertEqual(self.check(url, SSL_CERT_FILE=str(self.folder / "crt.pem"))["The certificate"][0], mark, self.said)
        seen = self.check(url, SSL_CERT_FILE="/dev/null")
        self.assertIn("certificate verify failed", seen["The certificate"][1], "a certificate that nobody vouches for")
        self.assertEqual((self.code, seen[BOXES[3]][0]), (1, "[ ]"))

    def test_json_is_one_object_a_line(self):
        self.check(self.serve(), "--json")
        rows = [json.loads(line) for line in self.said.splitlines()]
        self.assertEqual([row["box"] for row in rows if row["definition_of_done"]], BOXES)
        self.assertEqual({row["holds"] for row in rows}, {True, None})

    def test_wrong_use_is_2(self):
        for wrong in (["mech.fly.dev"], ["ftp://x"], ["http://127.0.0.1:1", "--fly", "a", "--docker", "b"]):
            self.check(*wrong)
            self.assertEqual(self.code, 2, self.said)


if __name__ == "__main__":
    unittest.main()
