#pragma once
#include "git/git.hpp"
#include "git/limits.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// How trusted git uses ssh: OpenSSH's client, with all settings on its command line and none from files of a user or a
/// machine. The key and the known hosts exist in memory only: they are files 5 and 6 of git
/// (child_spec::secret_files).
namespace persais::git {

/// How long ssh waits for a host that sends nothing.
struct ssh_patience {
    std::chrono::seconds connect = limits::ssh_connect; // for name, TCP and the host's first line
    std::chrono::seconds alive = limits::ssh_alive;     // then a keep-alive request; three without an answer end it
};

/// The value of GIT_SSH_COMMAND: a shell command, for a git whose secret files are the key and the known hosts.
std::string ssh_command(ssh_patience patience = {});

/// The fingerprint ("SHA256:…") of a private key; empty when ssh-keygen cannot read it. `home` is an empty folder.
awaitable<std::string> fingerprint(secret key, std::filesystem::path home);

} // namespace persais::git
