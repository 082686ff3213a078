#include "git/ssh.hpp"

#include "git/command.hpp"
#include "git/limits.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::git {
namespace {

constexpr const char* client = "/usr/bin/ssh";
constexpr const char* key_tool = "/usr/bin/ssh-keygen";

[[noreturn]] void no_memory_file() {
    throw std::system_error(errno, std::generic_category(), "cannot hold an ssh key in memory");
}

/// Mode 0600, since ssh refuses a key that others may read; sealed, since nothing may change it any more.
sandbox::owned_fd memory_file(std::string_view bytes) {
    sandbox::owned_fd file(::memfd_create("persais-ssh", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file || ::fchmod(file.get(), 0600) != 0) no_memory_file();
    while (!bytes.empty()) {
        ssize_t wrote = ::write(file.get(), bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) no_memory_file();
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        no_memory_file();
    return file;
}

/// By way of this process, not of the one that opens it: ssh closes all descriptors that it is started with.
std::string path_of(const sandbox::owned_fd& file) {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), file.get());
}

// `-F /dev/null` leaves the machine's and the user's settings out; what follows is said although most of it is ssh's
// default, so that no other default (a distribution patches some) can undo it. The algorithms are ssh's own: its list
// is the current one, and only with it does ssh ask a host first for the kinds of key that are known of it.
constexpr std::array ssh_options = {
    "BatchMode=yes", // no question ever: neither passphrase nor password nor host key
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

ssh_files::ssh_files(const secret& key, std::string_view hosts)
    : key_(memory_file(key.reveal())), hosts_(memory_file(hosts)) {}

std::string ssh_files::key_path() const {
    return path_of(key_);
}

std::string ssh_files::hosts_path() const {
    return path_of(hosts_);
}

std::string ssh_command(const ssh_files& files, ssh_patience patience) {
    std::string line = fmt::format("{} -F /dev/null -i {}", client, files.key_path());
    for (const char* option : ssh_options)
        line += fmt::format(" -o {}", option);
    return line + fmt::format(" -o UserKnownHostsFile={} -o ConnectTimeout={} -o ServerAliveInterval={}",
                              files.hosts_path(), patience.connect.count(), patience.alive.count());
}

awaitable<std::string> fingerprint(secret key, std::filesystem::path home) {
    ssh_files files(key, "");
    auto said = co_await sandbox::run_child({.argv = {key_tool, "-l", "-f", files.key_path()},
                                             .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"},
                                             .folder = home.string(),
                                             .total = limits::git_read_remote});
    // "256 SHA256:… comment (ED25519)"
    auto start = said.output.find("SHA256:");
    if (!said.ok() || start == std::string::npos) co_return "";
    co_return said.output.substr(start, said.output.find(' ', start) - start);
}

} // namespace persais::git
