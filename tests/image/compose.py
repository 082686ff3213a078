"""docker-compose.yml as docker-compose itself reads it, and its services as options for a container of ours."""

import json
import re
import shutil
import subprocess

import bases
from oci import Options
from place import ROOT, WORK, Failed, run

# The user's own first list with a value for each secret, made anew for each run.
ENVIRONMENT = """\
# Application
NODE_ENV=production
PORT=3000

# AI / OpenRouter
AIDER_MODEL=anthropic/claude-3-opus  # ???

# Security
ALLOWED_USER_IDS=123456,789012
"""
# `cp .env.example .env`, and the lines taken out that say xxx: what README.md asks of somebody who has nothing yet.
EXAMPLE = "".join(line for line in (ROOT / ".env.example").read_text().splitlines(True) if not line.endswith("=xxx\n"))


def tool():
    """A folder with a current docker-compose: Debian 13's."""
    folder = bases.debootstrap("trixie")
    if not (folder / "usr/bin/docker-compose").exists():
        bases.install(folder, "docker-compose")
    return folder


def config(environment=ENVIRONMENT):
    """What `docker compose config` makes of the project with this .env."""
    folder = tool()
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    shutil.copy(ROOT / "docker-compose.yml", project)
    shutil.copytree(ROOT / "deploy", project / "deploy")
    (project / ".env").write_text(environment)
    done = run("chroot", folder, "sh", "-c", "cd /project && docker-compose config --format json", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"docker-compose refuses the file: {done.stderr.strip()}")
    return json.loads(done.stdout), done.stderr


def volume_folder(name):
    return WORK / "volumes" / name


def options(service, binds):
    """`binds` says where each named volume lies here."""
    made = Options().security(word.replace("seccomp=deploy", f"seccomp={ROOT}/deploy") for word in service.get("security_opt", []))
    made.caps(service.get("cap_drop", []), service.get("cap_add", []))
    made.environment |= {name: value or "" for name, value in (service.get("environment") or {}).items()}
    made.memory, made.pids = int(service.get("mem_limit", 0)) or None, service.get("pids_limit")
    for mount in service.get("volumes", []):
        made.binds.append((binds[mount["source"]], mount["target"], "ro" if mount.get("read_only") else "rw"))
    return made


def command(service):
    """Compose's own escapes: `config` prints $$ for a $."""
    return [word.replace("$$", "$") for word in service["command"]]


def healthy(container, service, image_config=None):
    """Runs the service's health check once, as the engine does: inside, as the container's user."""
    test = (service or {}).get("healthcheck", {}).get("test") or image_config["Healthcheck"]["Test"]
    if test[0] != "CMD":
        raise Failed(f"a health check of an unknown kind: {test}")
    return container.execute(test[1:], container.environment)


def seconds(text):
    """"1m0s" as seconds."""
    return sum(float(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in re.findall(r"([\d.]+)([hms])", text))


def own_namespace():
    """A process that holds a network namespace with nothing but its loopback: containers and a database meet there."""
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"], stdout=subprocess.PIPE, text=True)
    if holder.stdout.readline().strip() != "up":
        raise Failed("no network namespace could be made")
    return holder
