"""Setup reaches the hosts that it may, at public addresses, and nothing of this machine; what it was denied is told."""

import http.server
import socket
import socketserver
import sys
import threading

from scripted import fix
from story import Story


class Registry(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Hands out the same file to everyone, on the loopback of this machine."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.server.asked.append(self.headers["Host"])
            body = b"a package\n"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.asked, self.port = [], self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


CHECK = "python3 check.py && grep -q 'a package' package"


class SetupNetwork(Story):
    def setUp(self):
        super().setUp()
        self.registry = Registry()
        self.addCleanup(self.registry.server_close)
        self.addCleanup(self.registry.shutdown)

    def fetch(self, host, more=""):
        return f"curl -sS --fail {more} -o package http://{host}:{self.registry.port}/package"

    def allowed(self, host):
        return f"{host}:{self.registry.port}@127.0.0.1"

    def log_of(self, run):
        return "\n".join(line.get("text", "") for line in run.lines if line["event"] == "progress")

    def test_a_registry_is_reached_with_the_proxy_and_without_one(self):
        remote = self.remote()
        self.script(fix())
        setup = self.fetch("registry.test") + " && " + self.fetch("registry.test", "--noproxy '*'")
        result = self.run_on(remote, check=CHECK, more=["--setup", setup], SETUP_HOSTS=self.allowed("registry.test"))
        self.expect(result, "ready")
        self.assertEqual(set(self.registry.asked), {f"registry.test:{self.registry.port}"})
        self.assertNotIn("may not reach", result["sentence"])

    def test_what_is_denied_is_in_the_log_and_in_the_result(self):
        remote = self.remote()
        self.script(fix())
        run = self.begin(remote, more=["--setup", "! curl -sS --fail https://evil.test/x && ! curl -sS --noproxy '*' https://other.test/x"])
        result = self.finish(run)
        self.expect(result, "ready")
        self.assertIn("Setup asked for what it may not reach: evil.test:443, other.test:443. SETUP_HOSTS, or setup_hosts in "
                      ".persais.toml on the base branch, allows hosts.", result["sentence"])
        self.assertIn("setup may not reach evil.test:443; SETUP_HOSTS, or setup_hosts in .persais.toml, allows hosts", self.log_of(run))

    def test_a_setup_that_fails_for_it_says_so(self):
        remote = self.remote()
        self.script(fix())
        result = self.run_on(remote, more=["--setup", self.fetch("registry.test")])
        self.expect(result, "checks_could_not_run")
        self.assertIn(f"Setup asked for what it may not reach: registry.test:{self.registry.port}.", result["sentence"])
        self.assertIn("403", result["sentence"])

    def test_the_repository_names_public_hosts_on_the_base_branch_only(self):
        port = self.registry.port
        remote = self.remote(files={".persais.toml": f'setup_hosts = ["registry.test:{port}", "localhost:{port}"]\n'})
        self.script(fix())
        result = self.run_on(remote, more=["--setup", "! " + self.fetch("localhost", "--noproxy '' -m 20")])
        self.expect(result, "ready")
        self.assertIn("is not public", result["sentence"])
        self.assertEqual(self.registry.asked, [])

    def test_nothing_of_this_machine_is_reached(self):
        remote = self.remote()
        self.script(fix())
        hidden = socket.socket(socket.AF_UNIX)
        self.addCleanup(hidden.close)
        hidden.bind("\0persais-test-" + str(self.registry.port))
        hidden.listen()
        tries = [("127.0.0.1", self.registry.port), ("0.0.0.0", self.registry.port), ("169.254.169.254", 80), ("10.0.0.1", 80),
                 (socket.gethostbyname(socket.gethostname()), self.registry.port)]
        lines = [f"try: s = socket.create_connection(({host!r}, {port}), 3); sys.exit('reached {host}')\nexcept OSError: pass"
                 for host, port in tries]
        lines.append(f"try: s = socket.socket(socket.AF_UNIX); s.connect('\\0persais-test-{self.registry.port}'); sys.exit('reached it')\n"
                     "except OSError: pass")
        (self.folder / "try.py").write_text("import socket, sys\n" + "\n".join(lines) + "\n")
        remote = self.remote("tries", files={"try.py": (self.folder / "try.py").read_text()})
        result = self.run_on(remote, more=["--setup", "python3 try.py"], SETUP_HOSTS="*")
        self.expect(result, "ready")

    def test_bad_hosts_are_one_sentence_before_anything_is_done(self):
        run = self.begin(self.remote(), SETUP_HOSTS="x.test@169.254.169.254")
        self.assertEqual(run.wait(), 2)
        self.assertIn("SETUP_HOSTS: 'x.test@169.254.169.254': no setting allows 169.254.169.254", run.errors.decode())


if __name__ == "__main__":
    sys.exit("run by run.py")
