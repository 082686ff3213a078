"""What is in each package, laid out as it will lie on the machine: /opt/persais as in the image, and what the system looks for elsewhere."""

import re
import shutil
import subprocess
from pathlib import Path

import elf
import python_env
import sbom

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "packaging"
DEPS = ROOT / "build/deps"


def settings_to_fill_in():
    """`.env.example` with nothing set but what holds for everybody."""
    text = (ROOT / ".env.example").read_text()
    body = text[text.index("# Application"):]
    lines = [re.sub(r"^(?!NODE_ENV|PORT)([A-Z_]+=)", r"#\1", line) for line in body.splitlines()]
    return ("# The service's settings; what each means: docs/settings.md. Take out a # and put your value in: a change is read without a restart.\n"
            "# `persais-service config check` says what is wrong, `persais-service doctor` tries all of it. Nothing is required.\n\n"
            + "\n".join(lines) + "\n")


def copyrights(parts, into):
    into.mkdir(parents=True, exist_ok=True)
    for _, part in parts:
        file = Path("/usr/share/doc", part["name"], "copyright")
        if part["SPDXID"].startswith("SPDXRef-debian-") and file.exists():
            shutil.copy(file, into / part["name"])


def check(stage):
    wrong, packages = elf.examine(stage)
    if wrong:
        raise SystemExit("package: " + "\n         ".join(wrong))
    return packages


def postgres(into):
    [name, version] = re.search(r"^([\w.-]+)==([\w.]+)", (ROOT / "scripts/postgres.lock").read_text(), re.MULTILINE).groups()
    shutil.copytree(DEPS / "postgres", into, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", ".stamp"))
    return sbom.package(sbom.spdx_id("pypi", name), name, version, f"pkg:pypi/{name}@{version}", comment="PostgreSQL with pgvector")


def persais(stage, tree):
    """(what it contains: [(relation, package)], the packages that it depends on)."""
    prefix = stage / "opt/persais"
    subprocess.run(["cmake", "--install", tree, "--strip", "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    libraries = prefix / "lib/persais/lib"
    libraries.mkdir()
    parts = [("STATIC_LINK", sbom.debian(name)) for name in sbom.COMPILED_IN]
    for soname, file in elf.brought(prefix / "bin/persais").items():
        shutil.copy(file, libraries / soname)
        parts.append(("DYNAMIC_LINK", sbom.debian(sbom.owner(file))))
    # Ubuntu 22.04's own is too old (0.6); the program takes this one where the system's does not do (src/sandbox/choose.cpp).
    (prefix / "lib/persais/bin").mkdir()
    shutil.copy("/usr/bin/bwrap", prefix / "lib/persais/bin")
    parts.append(("CONTAINS", sbom.debian("bubblewrap")))
    parts.append(("CONTAINS", postgres(prefix / "lib/persais/postgres")))
    (prefix / "share/persais.env").write_text(settings_to_fill_in())
    documents = prefix / "share/doc/persais"
    copyrights(parts, documents / "libraries")
    for name in ("LICENSE", "README.md", "README.ru.md"):
        shutil.copy(ROOT / name, documents)
    shutil.copytree(ROOT / "docs", documents, dirs_exist_ok=True, ignore=shutil.ignore_patterns("decisions", "changes", "checklist.md"))
    for source, target in {"persais.service": "usr/lib/systemd/system/persais.service", "persais.sysusers": "usr/lib/sysusers.d/persais.conf",
                           "persais-service": "usr/sbin/persais-service"}.items():
        (stage / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / source, stage / target)
    (stage / "usr/bin").mkdir()
    (stage / "usr/bin/persais").symlink_to("/opt/persais/bin/persais")
    for path in sorted((prefix / "share").glob("*/")):  # manuals, completions, documents: where the system looks for them
        for file in sorted(path.rglob("*")):
            if file.is_file():
                link = stage / "usr/share" / file.relative_to(prefix / "share")
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to("/" + str(file.relative_to(stage)))
    return parts, ["bubblewrap", "ca-certificates", "git", "openssh-client", *check(stage)]


def agent(stage, _tree):
    environment = stage / "opt/persais/lib/persais/agent-env"
    python_env.make(environment, DEPS / "agent-env", ROOT / "deploy/image/trim_agent.py")
    parts = [("CONTAINS", each) for each in sbom.wheels(environment / "lib/python3.11/site-packages")]
    parts += [("CONTAINS", sbom.debian(name)) for name in ("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib")]
    copyrights(parts, stage / "opt/persais/share/doc/persais-agent/libraries")
    return parts, check(stage)


ALL = {"persais": persais, "persais-agent": agent}
FIELDS = {
    "persais": {"more": "Recommends: persais-agent, python3, git-lfs\n", "title": "self-hosted mechanic for git repositories",
                "text": " Write what should change: it is changed by a coding agent in a sandbox, checked, and pushed as a branch.\n"
                        " PostgreSQL with pgvector is inside, for when no database is named."},
    "persais-agent": {"more": "", "title": "coding agent of persais, with a Python of its own",
                      "text": " aider and what it needs, at the versions that Persais was tested with; needs no network to be installed."},
}
SCRIPTS = {"persais": {name: HERE / "debian" / name for name in ("postinst", "prerm", "postrm")}, "persais-agent": {}}
