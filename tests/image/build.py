"""The image itself, as the Dockerfile says, and what it weighs."""

import json
import re
import tarfile
from pathlib import Path

import bases
from place import IMAGE, ROOT, WORK, Failed, buildah, enough_room, output, run, say

# The certificates that this machine's registries are known by, mounted while a RUN line works. The file is in both base images
# already, so mounting leaves no trace; Debian's pip, in the base image and in the environments it makes, reads it too.
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
MOST_BYTES = 500e6
SOURCE = ROOT  # tests/image/run --source: another checkout


def without_digests(source):
    """The Dockerfile with its tags alone: the bases made here have the digests of nobody."""
    text, count = re.subn(r"(?m)^(FROM \S+)@sha256:[0-9a-f]{64}", r"\1", (source / "Dockerfile").read_text())
    if not count:
        raise Failed("the Dockerfile names no image by digest")
    path = WORK / "Dockerfile"
    path.write_text(text)
    return path


def build(source=None, revision=None, tag=IMAGE):
    enough_room()
    bases.bases()
    source = Path(source or SOURCE)
    revision = revision or output("git", "-C", ROOT, "rev-parse", "HEAD").strip()
    buildah("bud", "--isolation", "chroot", "--pull-never", "--layers", "--format", "docker", "--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro",
            "--build-arg", f"REVISION={revision}", "--tag", tag, "--file", without_digests(source), source)


def clean():
    """Nothing of this machine is in the image."""
    rootfs = unpacked(fresh=True)
    for path in ("etc/pip.conf", "etc/pip", "root/.cache", "root/.config", "home/persais/.cache", "var/lib/apt/lists/lock"):
        if (rootfs / path).exists():
            raise Failed(f"/{path} is in the image")
    inside = CERTIFICATES.lstrip("/")
    if (rootfs / inside).read_bytes() != (WORK / "bookworm" / inside).read_bytes():
        raise Failed("the image has other certificates than its base")


def unpacked(fresh=False):
    """The image's files in a folder, and its config beside it (build/image/rootfs, build/image/config.json)."""
    rootfs, config = WORK / "rootfs", WORK / "config.json"
    if rootfs.exists() and not fresh:
        return rootfs
    run("rm", "-rf", rootfs, WORK / "oci")
    buildah("push", "-q", IMAGE, f"oci:{WORK}/oci:test")
    layers, _ = manifest()
    # In Docker's own format: the OCI one has no health check.
    described = json.loads(output("buildah", *bases.buildah_options(), "inspect", "--type", "image", IMAGE))["Docker"]
    config.write_text(json.dumps(described, indent=1))
    rootfs.mkdir()
    for layer in layers:
        run("tar", "-x", "--numeric-owner", "--xattrs", "-C", rootfs, "-f", layer["path"])
        for whiteout in list(rootfs.rglob(".wh.*")):
            run("rm", "-rf", whiteout.with_name(whiteout.name.removeprefix(".wh.")), whiteout)
    return rootfs


def manifest():
    """Layers with path and size as a registry would hold them (gzip), and the image's config."""
    blobs = WORK / "oci/blobs/sha256"

    def blob(digest):
        return blobs / digest.removeprefix("sha256:")

    index = json.loads((WORK / "oci/index.json").read_text())
    found = json.loads(blob(index["manifests"][0]["digest"]).read_text())
    config = json.loads(blob(found["config"]["digest"]).read_text())
    layers = [{"path": blob(layer["digest"]), "size": layer["size"], "digest": layer["digest"]} for layer in found["layers"]]
    return layers, config


def sizes():
    """Prints the compressed size of each layer beside what made it. The contents' sum shows what compression does."""
    unpacked()
    layers, config = manifest()
    made = [entry for entry in config["history"] if not entry.get("empty_layer")]
    total = 0
    for layer, entry in zip(layers, made, strict=True):
        with tarfile.open(layer["path"]) as tar:
            content = sum(member.size for member in tar)
        total += layer["size"]
        line = " ".join(entry.get("created_by", "").replace("/bin/sh -c ", "").split())[:110]
        say(f"{layer['size'] / 1e6:7.1f} MB compressed, {content / 1e6:7.1f} MB in files: {line}")
    say(f"{total / 1e6:7.1f} MB compressed in all")
    if total > MOST_BYTES:
        raise Failed("the image is over 500 MB")


def context():
    """What a build would send: listed by a build that does nothing but look."""
    listing = WORK / "context.Dockerfile"
    listing.write_text(f"FROM {bases.DEBIAN_BASE}\nCOPY . /context\nRUN find /context -type f -printf '%s %P\\n' > /listed\n")
    container = "localhost/persais-context"
    buildah("bud", "--isolation", "chroot", "--pull-never", "-q", "-f", listing, "--ignorefile", SOURCE / ".dockerignore", "--tag", container, SOURCE)
    working = output("buildah", *bases.buildah_options(), "from", "--pull-never", container).strip()
    listed = output("buildah", *bases.buildah_options(), "run", "--isolation", "chroot", working, "cat", "/listed")
    buildah("rm", working)
    return {path: int(size) for size, path in (line.split(" ", 1) for line in listed.splitlines())}
