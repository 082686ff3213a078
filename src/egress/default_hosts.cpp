#include "egress/default_hosts.hpp"

namespace persais::egress {

namespace {

/// Hosts that hand out packages, or what packages are built from. README.md lists them by registry.
constexpr std::string_view registries[] = {
    "pypi.org, files.pythonhosted.org",
    "registry.npmjs.org, registry.yarnpkg.com, repo.yarnpkg.com, nodejs.org",
    "crates.io, index.crates.io, static.crates.io, static.rust-lang.org",
    "proxy.golang.org, sum.golang.org",
    "repo.maven.apache.org, repo1.maven.org, plugins.gradle.org, plugins-artifacts.gradle.org, services.gradle.org, "
    "downloads.gradle.org",
    "deb.debian.org, security.debian.org, archive.ubuntu.com, security.ubuntu.com, ports.ubuntu.com",
    "rubygems.org, index.rubygems.org",
    "packagist.org, repo.packagist.org",
    "api.nuget.org, www.nuget.org",
    "repo.hex.pm, builds.hex.pm",
    "github.com, api.github.com, codeload.github.com, *.githubusercontent.com",
    "gitlab.com, codeberg.org",
};

} // namespace

host_rules default_hosts() {
    host_rules all;
    for (auto line : registries)
        all.add(host_rules::parse(line, host_rules::author::repository).value());
    return all;
}

} // namespace persais::egress
