"""The parts of tests/image/run, in order. Each says in its first line what it shows, and raises Failed."""

import json
import re
import shlex
import subprocess

import bases
import build
import ignore
import parts_compose
from container import docker_run, volume
from oci import CAPABILITIES, Options, docker_profile
from place import IMAGE, PYTHON_BASE, ROOT, WORK, Failed, buildah_words, output, run, say

SECURITY = ["seccomp=deploy/seccomp.json", "systempaths=unconfined", "apparmor=unconfined"]
REFUSED = re.compile(r"--security-opt seccomp=\S+ --security-opt systempaths=unconfined --security-opt apparmor=unconfined")


def image_id():
    done = subprocess.run([*buildah_words(), "inspect", "--type", "image", "--format", "{{.FromImageID}}", IMAGE], capture_output=True,
                          text=True, check=False)
    return done.stdout.strip()


def expect(holds, otherwise):
    if not holds:
        raise Failed(otherwise)


def demo_pushed(code, text):
    return code == 0 and "Green." in text and re.search(r"^Task 1: ready\.", text, re.MULTILINE)


def tail(text, lines=15):
    return "\n".join(text.strip().splitlines()[-lines:])


def part_bases():
    """buildah, runc and debootstrap are installed; the base images are made of Debian's packages"""
    bases.tools()
    bases.bases()


def part_image():
    """the Dockerfile builds"""
    build.build()
    build.clean()


def part_sizes():
    """the compressed size of each layer; under 500 MB in all"""
    build.sizes()


def part_context():
    """a build is sent the files that tests/image/ignore.py says, by buildah's own reading of .dockerignore"""
    theirs, ours = build.context(), ignore.context(build.SOURCE)
    expect(theirs == ours, f"buildah and ignore.py disagree about {sorted(set(theirs.items()) ^ set(ours.items()))[:5]}")
    say(f"{len(ours)} files, {sum(ours.values()) / 1e6:.2f} MB")


def part_metadata():
    """labels, volume, port, entry point, health check, user and locale are what docs/docker.md says"""
    build.unpacked()
    config = json.loads((WORK / "config.json").read_text())["config"]
    say(json.dumps({name: config.get(name) for name in ("Cmd", "Entrypoint", "ExposedPorts", "Volumes", "WorkingDir", "User")}))
    expect(config["Cmd"] == ["persais", "serve"], "the command is not persais serve")
    expect(config["Entrypoint"] == ["/usr/bin/tini", "--"], "the entry point is not the init")
    expect("3000/tcp" in config["ExposedPorts"] and "/data" in config["Volumes"], "port 3000 and /data are not declared")
    expect({"LANG=C.UTF-8", "PERSAIS_DATA=/data"} <= set(config["Env"]), "locale or data folder")
    expect("/health/live" in " ".join(config["Healthcheck"]["Test"]), "no health check")
    labels = config["Labels"]
    expect(re.fullmatch("[0-9a-f]{40}", labels["org.opencontainers.image.revision"]), "no revision among the labels")


def part_agent():
    """the agent's own tests pass in the image's environment, without what was taken out of it"""
    options = Options()
    for folder in ("agent", "build/deps/agent-test"):
        options.binds.append((ROOT / folder, f"/check/{folder}", "ro"))
    options.environment |= {"PYTHONPATH": "/check/build/deps/agent-test", "HOME": "/tmp"}
    python = "/opt/persais/lib/persais/agent-env/bin/python"
    code, text = docker_run([python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "/check/agent/tests"], options, "agent", 1400)
    say(tail(text, 3))
    expect(code == 0, f"the agent's tests: {tail(text, 40)}")


def part_plain():
    """plain Docker: the sandbox is refused in one sentence with the lines to add, and no task runs"""
    code, text = docker_run(["persais", "demo"], Options(), "plain")
    say(tail(text, 2))
    expect(code == 3, f"the demo ended with {code}: {tail(text)}")
    expect(REFUSED.search(text), f"the lines to add are not named: {tail(text)}")


def part_demo():
    """with the options that docker-compose.yml carries the demo works: real aider, real sandbox, pushed"""
    code, text = docker_run(["persais", "demo"], Options().security(SECURITY), "demo")
    print(text)
    expect(demo_pushed(code, text), f"the demo ended with {code}: {tail(text)}")


def documented(path):
    """The `docker run` lines of a document, that need nothing but the image: words before the image's name, and after."""
    text = (ROOT / path).read_text()
    found = [shlex.split(line) for line in re.findall(r"^    docker run (.*--rm .*)$", text, re.MULTILINE)]
    return [(words[:words.index("persais")], words[words.index("persais") + 1:]) for words in found]


def part_readme():
    """the docker run lines of README.md and docs/docker.md, word for word"""
    lines = documented("README.md") + documented("docs/docker.md")
    expect(len(lines) >= 2, "the documents have no docker run lines")
    for before, after in lines:
        expect(before[0] == "--rm" and set(before[1::2]) <= {"--security-opt"}, f"options that this part does not know: {before}")
        security = [word for option, word in zip(before[1::2], before[2::2], strict=True) if option == "--security-opt"]
        code, text = docker_run(after, Options().security(security), "readme")
        say(f"docker run {' '.join(before + after)}: exit {code}: {tail(text, 1)}")
        expect(demo_pushed(code, text) if after[-1] == "demo" else code == 0, tail(text))


def part_options():
    """each option is needed, and none of what is not there is"""
    for left_out in ("seccomp", "systempaths"):
        code, text = docker_run(["persais", "demo"], Options().security([word for word in SECURITY if not word.startswith(left_out)]), "options")
        say(f"without {left_out}: exit {code}: {tail(text, 1)[:200]}")
        expect(code == 3, f"without {left_out} the demo ended with {code}: it is not needed")
    ours = json.loads((ROOT / "deploy/seccomp.json").read_text())
    added = [rule for rule in ours["syscalls"] if rule.get("comment", "").startswith("persais: ")]
    for rule in added:
        for name in rule["names"]:
            options = Options().security(SECURITY)
            less = [kept | {"names": [other for other in kept["names"] if other != name]} if kept is rule else kept for kept in added]
            options.profile = docker_profile(ours)
            options.profile["syscalls"] = options.profile["syscalls"] + [kept for kept in less if kept["names"]]
            if "setup's network" in rule["comment"]:  # the demo has no setup
                code, text = docker_run(["persais", "doctor", "--json"], options, "options")
                broken = [line for line in text.splitlines() if '"network"' in line and '"fail"' in line]
                expect(broken, f"without the call {name} for setup's network doctor found it in order: it is not needed")
                continue
            if name == "setns":  # each task starts its own agent then
                code, text = docker_run(["persais", "doctor", "--json"], options, "options")
                told = [line for line in text.splitlines() if '"sandbox"' in line and '"prepared":false' in line]
                expect(told, f"without the call {name} doctor found that an agent can be kept ready: it is not needed")
                continue
            code, text = docker_run(["persais", "demo"], options, "options")
            say(f"without {name}: exit {code}: {tail(text, 1)[:200]}")
            expect(code == 3, f"without the call {name} the demo ended with {code}: it is not needed")
    hardened = Options().security([*SECURITY, "no-new-privileges=true"]).caps(["ALL"], ["CHOWN", "DAC_OVERRIDE", "KILL", "SETGID", "SETUID"])
    code, text = docker_run(["persais", "demo"], hardened, "options")
    say(f"with five capabilities and no new privileges, as in docker-compose.yml: exit {code}")
    expect(demo_pushed(code, text), f"with docker-compose.yml's capabilities the demo ended with {code}: {tail(text)}")


def part_ways():
    """other ways to start it: as the user persais from the start, as root that may make namespaces, on a volume that root wrote"""
    someone = Options().security(SECURITY)
    someone.user = (1000, 1000)
    someone.environment |= {"HOME": "/home/persais"}
    code, text = docker_run(["persais", "demo"], someone.caps(["ALL"], []), "ways")
    say(f"docker run --user persais --cap-drop ALL: exit {code}")
    expect(demo_pushed(code, text), f"as the user persais the demo ended with {code}: {tail(text)}")
    machine = Options()  # a virtual machine of its own, as on Fly: all capabilities, no filter
    machine.capabilities, machine.profile, machine.systempaths = [*CAPABILITIES, "SYS_ADMIN", "NET_ADMIN"], None, False
    with volume("/data", "root") as data:
        run("chown", "0:0", data)
        code, text = docker_run(["persais", "demo"], machine, "ways", data=data)
        say(f"root with CAP_SYS_ADMIN, on a volume of root's: exit {code}")
        expect(demo_pushed(code, text), f"as root with CAP_SYS_ADMIN the demo ended with {code}: {tail(text)}")
        code, text = docker_run(["persais", "demo"], Options().security(SECURITY), "ways", data=data)
        say(f"Docker's root on the volume that that root wrote: exit {code}")
        expect(demo_pushed(code, text), f"on a volume that root wrote the demo ended with {code}: {tail(text)}")


ALL = {name.removeprefix("part_"): part for name, part in list(globals().items()) if name.startswith("part_")} | parts_compose.ALL
GROUPS = {"bases": ["bases"], "build": ["image", "sizes", "metadata", "context"],
          "run": ["agent", "plain", "demo", "readme", "options", "ways", "refused"], "compose": ["config", "service", "rebuild"]}
