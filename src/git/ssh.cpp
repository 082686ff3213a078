#include "git/ssh.hpp"

#include "git/command.hpp"
#include "git/limits.hpp"

#include <array>

#include <fmt/format.h>

namespace persais::git {
namespace {

constexpr const char* client = "/usr/bin/ssh";
constexpr const char* key_tool = "/usr/bin/ssh-keygen";

// `-F /dev/null` excludes the settings of the machine and the user. The other options are given although most are ssh's
// defaults, so that no other default (some distributions patch them) can undo them. The algorithms are ssh's own,
// because its list is the current one, and only with that list does ssh first ask a host for the kinds of keys that are
// known of it.
constexpr std::array ssh_options = {
    "BatchMode=yes", // never ask: neither for a passphrase nor a password nor about a host key
    "PreferredAuthentications=publickey",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "AddKeysToAgent=no",
    "StrictHostKeyChecking=yes",
    "GlobalKnownHostsFile=/dev/null",
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
    "CheckHostIP=no",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "Tunnel=no",
    "PermitLocalCommand=no",
    "ProxyCommand=none",
    "ControlMaster=no",
    "ControlPath=none",
    "RequestTTY=no",
    "ConnectionAttempts=1",
    "TCPKeepAlive=yes",
    "ServerAliveCountMax=3",
};

} // namespace

std::string ssh_command(ssh_patience patience) {
    // The paths go through git, the parent of the shell that reads this, because ssh closes all descriptors that it
    // inherits.
    std::string line = fmt::format("{} -F /dev/null -i /proc/$PPID/fd/{}", client, sandbox::first_secret_file);
    for (const char* option : ssh_options)
        line += fmt::format(" -o {}", option);
    return line + fmt::format(" -o UserKnownHostsFile=/proc/$PPID/fd/{} -o ConnectTimeout={} -o ServerAliveInterval={}",
                              sandbox::first_secret_file + 1, patience.connect.count(), patience.alive.count());
}

awaitable<std::string> fingerprint(secret key, std::filesystem::path home) {
    auto own = fmt::format("/proc/self/fd/{}", sandbox::first_secret_file);
    auto said = co_await sandbox::run_child({.argv = {key_tool, "-l", "-f", own},
                                             .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"},
                                             .folder = home.string(),
                                             .total = limits::git_read_remote,
                                             .secret_files = {std::move(key)}});
    // The form is "256 SHA256:… comment (ED25519)".
    auto start = said.output.find("SHA256:");
    if (!said.ok() || start == std::string::npos) co_return "";
    co_return said.output.substr(start, said.output.find(' ', start) - start);
}

} // namespace persais::git
