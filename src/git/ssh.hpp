#pragma once
#include "git/git.hpp"
#include "git/limits.hpp"
#include "sandbox/spawn.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// How trusted git uses ssh: OpenSSH's client, with all settings on its command line and none from files of a user or a
/// machine. The key and the known hosts exist in memory only.
namespace persais::git {

/// How long ssh waits for a host that sends nothing.
struct ssh_patience {
    std::chrono::seconds connect = limits::ssh_connect; // for name, TCP and the host's first line
    std::chrono::seconds alive = limits::ssh_alive;     // then a keep-alive request; three without an answer end it
};

/// The key and the known hosts of one command, in sealed memory files that only this user can open, through this
/// process (/proc/<pid>/fd/<n>). They are gone when this object is destroyed, and when the process dies, in whatever
/// way: on a disk, SIGKILL would leave the key behind. The constructor throws system_error.
class ssh_files {
public:
    ssh_files(const secret& key, std::string_view hosts);
    std::string key_path() const;
    std::string hosts_path() const;

private:
    sandbox::owned_fd key_, hosts_;
};

/// The value of GIT_SSH_COMMAND: a shell command.
std::string ssh_command(const ssh_files& files, ssh_patience patience = {});

/// The fingerprint ("SHA256:…") of a private key; empty when ssh-keygen cannot read it. `home` is an empty folder.
awaitable<std::string> fingerprint(secret key, std::filesystem::path home);

} // namespace persais::git
