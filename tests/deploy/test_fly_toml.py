"""fly.toml says what Fly.io understands and what the service needs. The table of keys is that of Fly's reference and of flyctl's own
structures (0.4.87); flyctl itself ignores a key that it does not know."""

import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TIME, SIZE = "a time", "a size"
CHECK = {"interval": TIME, "timeout": TIME, "grace_period": TIME, "method": str, "path": str, "protocol": str, "headers": dict,
         "tls_skip_verify": bool, "tls_server_name": str}
KNOWN = {
    "app": str, "primary_region": str, "kill_signal": {"SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGSTOP"},
    "kill_timeout": TIME, "swap_size_mb": int, "console_command": str,
    "build": {"dockerfile": str, "ignorefile": str, "image": str, "builder": str, "build-target": str, "args": dict,
              "compression": {"gzip", "zstd"}, "compression_level": int},
    "deploy": {"strategy": {"rolling", "immediate", "canary", "bluegreen"}, "wait_timeout": TIME, "max_unavailable": float,
               "release_command": str, "release_command_timeout": TIME},
    "env": dict,
    "mounts": {"source": str, "destination": str, "initial_size": SIZE, "snapshot_retention": int, "scheduled_snapshots": bool,
               "auto_extend_size_threshold": int, "auto_extend_size_increment": SIZE, "auto_extend_size_limit": SIZE, "processes": list},
    "http_service": {"internal_port": int, "force_https": bool, "auto_stop_machines": {"off", "stop", "suspend"},
                     "auto_start_machines": bool, "min_machines_running": int, "processes": list, "checks": [CHECK],
                     "concurrency": {"type": {"connections", "requests"}, "soft_limit": int, "hard_limit": int}},
    "checks": {"*": {**CHECK, "port": int, "type": {"http", "tcp"}, "processes": list}},
    "restart": [{"policy": {"always", "never", "on-failure"}, "retries": int, "processes": list}],
    "metrics": {"port": int, "path": str, "processes": list},
    "vm": [{"size": str, "memory": SIZE, "cpus": int, "cpu_kind": {"shared", "performance"}, "processes": list}],
}


def seconds(text):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    number = text.rstrip("mshMSH")
    return float(number) * units[text[len(number):]]


def complaints(config, known, where=""):
    """What Fly would not understand, as sentences."""
    found = []
    for key, value in config.items():
        name, rule = f"{where}{key}", known.get(key, known.get("*"))
        if rule is None:
            found.append(f"{name}: Fly knows no such key")
        elif isinstance(rule, dict):
            found += complaints(value, rule, name + ".") if isinstance(value, dict) else [f"{name}: is a table"]
        elif isinstance(rule, list):
            for entry in value if isinstance(value, list) else [value]:
                found += complaints(entry, rule[0], name + ".")
        elif isinstance(rule, set):
            found += [] if value in rule else [f"{name}: {value!r} is none of {sorted(rule)}"]
        elif rule is TIME:
            try:
                seconds(value)
            except (KeyError, ValueError, AttributeError):
                found.append(f"{name}: {value!r} is no time with a unit")
        elif rule is SIZE:
            if not (isinstance(value, str) and value.lower().rstrip("gmb").isdigit()):
                found.append(f"{name}: {value!r} is no size with a unit")
        elif not isinstance(value, rule) or rule is int and isinstance(value, bool):
            found.append(f"{name}: {value!r} is no {rule.__name__}")
    return found


class FlyToml(unittest.TestCase):
    def setUp(self):
        self.config = tomllib.loads((ROOT / "fly.toml").read_text())

    def test_fly_understands_it(self):
        self.assertEqual(complaints(self.config, KNOWN), [])

    def test_what_fly_would_not_understand_is_found(self):
        wrong = {"kil_timeout": 5, "kill_timeout": "soon", "http_service": {"auto_stop_machines": False, "checks": [{"pth": "/"}]},
                 "vm": [{"memory": 2.5}], "swap_size_mb": "512", "checks": {"ready": {"port": "3000"}}, "mounts": "data"}
        self.assertEqual(len(complaints(wrong, KNOWN)), 8, complaints(wrong, KNOWN))

    def test_one_machine_with_one_volume_that_never_stops(self):
        service = self.config["http_service"]
        self.assertEqual((service["auto_stop_machines"], service["auto_start_machines"], service["min_machines_running"]), ("off", True, 1))
        self.assertEqual(self.config["restart"], [{"policy": "always"}])
        self.assertEqual(self.config["mounts"]["destination"], self.config["env"]["PERSAIS_DATA"])
        self.assertIn(self.config["deploy"]["strategy"], ("rolling",), "the others wait for no check or need a second volume")

    def test_requests_go_where_the_loop_ticks_and_a_deploy_waits_for_health(self):
        service = self.config["http_service"]
        self.assertEqual([check["path"] for check in service["checks"]], ["/health/live"])
        ready = self.config["checks"]["ready"]
        self.assertEqual((ready["type"], ready["path"], ready["port"]), ("http", "/health", service["internal_port"]))
        self.assertGreaterEqual(seconds(ready["grace_period"]), 10, "a sleeping database takes up to 10 s to wake")

    def test_the_ports_are_those_of_the_settings(self):
        env = self.config["env"]
        self.assertEqual(env["PORT"], str(self.config["http_service"]["internal_port"]))
        self.assertEqual(env["METRICS_ADDRESS"], f"0.0.0.0:{self.config['metrics']['port']}")
        self.assertEqual({name for name, value in env.items() if not isinstance(value, str)}, set(), "Fly takes strings only")
        settings = (ROOT / "docs/settings.md").read_text()
        for name in env:
            self.assertIn(f"`{name}`", settings)

    def test_a_stop_leaves_the_service_the_time_it_needs(self):
        self.assertEqual(self.config["kill_signal"], "SIGTERM")
        self.assertGreaterEqual(seconds(self.config["kill_timeout"]), 10, "it needs up to 5 s, and its children die after it")

    def test_no_secret_is_in_it(self):
        for name in self.config["env"]:
            self.assertNotRegex(name, "TOKEN|KEY|URL|SECRET|PASSWORD")


if __name__ == "__main__":
    unittest.main()
