"""What is in the packages, as SPDX 2.3 JSON: each with its version, where it comes from (a purl) and how it is in there."""

import email
import hashlib
import json
import re
import subprocess
import time

# Debian packages whose headers or archives are part of our programs, by what the compiler is given (cmake/dependencies.cmake).
COMPILED_IN = ["libboost1.81-dev", "libcli11-dev", "libtomlplusplus-dev", "libfmt-dev", "libspdlog-dev", "libstdc++-12-dev", "libc6-dev"]


def spdx_id(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", "-".join(words))


def package(identity, name, version, purl=None, licence="NOASSERTION", comment=None):
    made = {"SPDXID": identity, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION", "licenseDeclared": licence, "copyrightText": "NOASSERTION", "supplier": "NOASSERTION"}
    if purl:
        made["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]
    if comment:
        made["comment"] = comment
    return made


def debian(name, release="bookworm"):
    """An installed Debian package."""
    said = subprocess.run(["dpkg-query", "-W", "-f", "${Version} ${Architecture} ${source:Package} ${source:Version}", name], capture_output=True, text=True, check=True)
    version, architecture, source, source_version = said.stdout.split()
    return package(spdx_id("debian", name), name, version, f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={architecture}&distro={release}",
                   comment=f"Debian source package {source} {source_version}; its copyright is in share/doc/persais/libraries")


def owner(file):
    """The Debian package that a file of this machine belongs to."""
    for path in (str(file), str(file).removeprefix("/usr")):
        said = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True)
        if said.returncode == 0:
            return said.stdout.split(":")[0]
    raise SystemExit(f"package: {file} belongs to no Debian package")


def wheels(site_packages):
    """What is installed in a folder of Python packages."""
    for metadata in sorted(site_packages.glob("*.dist-info/METADATA")):
        said = email.message_from_string(metadata.read_text(errors="replace"))
        name, version = said["Name"], said["Version"]
        written = said["License-Expression"] or ""
        simple = re.fullmatch(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*", written)
        normal = re.sub(r"[-_.]+", "-", name).lower()
        short = (said["License"] or "").strip().splitlines()
        comment = f"License field: {short[0][:200]}" if short and not simple else None
        yield package(spdx_id("pypi", normal), name, version, f"pkg:pypi/{normal}@{version}", written if simple else "NOASSERTION", comment)


def document(version, commit, epoch, contents):
    """`contents`: (our package's name, its version, [(relation, package), …]) of each."""
    packages, relations = {}, []
    for name, number, parts in contents:
        ours = package(spdx_id("package", name), name, number, licence="Apache-2.0")
        packages[ours["SPDXID"]] = ours
        relations.append(("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"]))
        for relation, part in parts:
            packages[part["SPDXID"]] = part
            relations.append((ours["SPDXID"], relation, part["SPDXID"]))
    body = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"persais-{version}",
            "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)), "creators": ["Tool: persais-scripts-package"]},
            "packages": sorted(packages.values(), key=lambda each: each["SPDXID"]),
            "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in sorted(set(relations))]}
    digest = hashlib.sha256(json.dumps([commit, body], sort_keys=True).encode()).hexdigest()
    return {**body, "documentNamespace": f"https://spdx.org/spdxdocs/persais-{version}-{digest[:32]}"}
