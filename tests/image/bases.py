"""The two base images, made of Debian's packages because no image can be pulled on a machine without a registry.

debian:bookworm-slim is what debootstrap makes with Docker's rules for a slim image. python:3.11-slim-bookworm is the same
with Debian's Python 3.11 linked to where the real image has its own. What differs from the real ones: their Python is
built from source below /usr/local (so the real base is about 20 MB larger), and has setuptools and a newer pip.
"""

import shutil
import subprocess

from place import DEBIAN_BASE, PYTHON_BASE, WORK, buildah, buildah_words, enough_room, output, run, say

# As the real slim images have it.
SLIM = "\n".join(["path-exclude /usr/share/doc/*", "path-include /usr/share/doc/*/copyright", "path-exclude /usr/share/info/*",
                  "path-exclude /usr/share/lintian/*", "path-exclude /usr/share/linda/*", "path-exclude /usr/share/locale/*",
                  "path-include /usr/share/locale/locale.alias", "path-exclude /usr/share/man/*", "path-exclude /usr/share/groff/*", ""])
# So has Docker's rule that apt keeps no caches.
APT = """\
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
"""
TOOLS = ["buildah", "runc", "golang-github-containers-common", "debootstrap", "ca-certificates"]


def tools():
    missing = [name for name in TOOLS if run("dpkg-query", "-W", name, check=False, capture_output=True).returncode != 0]
    if missing:
        run("apt-get", "update")
        run("apt-get", "install", "-y", "--no-install-recommends", *missing)
    enough_room()


def debootstrap(suite):
    """build/image/SUITE, made once."""
    folder, half = WORK / suite, WORK / f"{suite}.half"
    if folder.exists():
        return folder
    run("rm", "-rf", half)
    run("debootstrap", "--variant=minbase", "--include=ca-certificates,netbase,tzdata", suite, half, stdout=subprocess.DEVNULL)
    half.rename(folder)
    return folder


def install(folder, *packages):
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    run("chroot", folder, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c",
        f"apt-get update -q && apt-get install -y -q --no-install-recommends {' '.join(packages)}", stdout=subprocess.DEVNULL)


def slim(folder):
    (folder / "etc/dpkg/dpkg.cfg.d/docker").write_text(SLIM)
    (folder / "etc/apt/apt.conf.d/docker-clean").write_text(APT)
    run("sh", "-c", "rm -rf usr/share/doc/* usr/share/info/* usr/share/locale/* usr/share/man/* usr/share/groff usr/share/lintian "
        "var/cache/apt/*.bin var/cache/apt/archives/*.deb var/lib/apt/lists/* var/log/*", cwd=folder)
    (folder / "etc/resolv.conf").unlink(missing_ok=True)


def tag(folder, name, *config):
    made = output("buildah", *buildah_options(), "from", "scratch").strip()
    buildah("copy", "-q", made, folder, "/")
    buildah("config", *config, made)
    buildah("commit", "-q", "--rm", made, name)


def buildah_options():
    return buildah_words()[1:]


def known(name):
    return run("buildah", *buildah_options(), "inspect", "--type", "image", name, check=False, capture_output=True).returncode == 0


def bases():
    if known(DEBIAN_BASE) and known(PYTHON_BASE):
        return say("the base images are there")
    enough_room()
    plain = debootstrap("bookworm")
    python = WORK / "bookworm-python"
    run("rm", "-rf", python)
    run("cp", "-a", plain, python)
    slim(plain)
    tag(plain, DEBIAN_BASE, "--cmd", "bash")
    install(python, "python3", "python3-venv", "python3-pip")
    for name, target in (("python3", "python3.11"), ("python", "python3.11"), ("python3.11", "python3.11"), ("pip", "pip3"), ("pip3", "pip3")):
        (python / "usr/local/bin" / name).symlink_to(f"/usr/bin/{target}")
    slim(python)
    tag(python, PYTHON_BASE, "--cmd", "python3", "--env", "LANG=C.UTF-8", "--env", "PYTHON_VERSION=3.11",
        "--env", "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin")
