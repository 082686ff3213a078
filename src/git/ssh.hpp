#pragma once
#include "git/git.hpp"
#include "git/limits.hpp"
#include "sandbox/spawn.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// How trusted git speaks ssh: OpenSSH's client, told everything on its command line, nothing from files of a user or a
/// machine. Key and known hosts exist in memory only.
namespace persais::git {

/// How long ssh bears with a host that says nothing.
struct ssh_patience {
    std::chrono::seconds connect = limits::ssh_connect; // name, TCP and the host's first line
    std::chrono::seconds alive = limits::ssh_alive;     // then asked for a sign of life; three without an answer end it
};

/// The key and the known hosts of one command, in sealed memory files that nobody but this user can open, by way of
/// this process (/proc/<pid>/fd/<n>). They are gone when this dies, and when the process does, however it dies: on a
/// disk a kill -9 would leave the key behind. Throws system_error.
class ssh_files {
public:
    ssh_files(const secret& key, std::string_view hosts);
    std::string key_path() const;
    std::string hosts_path() const;

private:
    sandbox::owned_fd key_, hosts_;
};

/// What stands in GIT_SSH_COMMAND: a line of shell.
std::string ssh_command(const ssh_files& files, ssh_patience patience = {});

/// The fingerprint ("SHA256:…") of a private key; empty when ssh-keygen cannot read it. `home` is an empty folder.
awaitable<std::string> fingerprint(secret key, std::filesystem::path home);

} // namespace persais::git
