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

/// The mode is 0600 because ssh refuses a key that others may read; the file is sealed because nothing may change it
/// any more.
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

/// The path goes through this process, not the one that opens it, because ssh closes all descriptors that it inherits.
std::string path_of(const sandbox::owned_fd& file) {
    return fmt::format("/proc/{}/fd/{}", ::getpid(), file.get());
}

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
    // The form is "256 SHA256:… comment (ED25519)".
    auto start = said.output.find("SHA256:");
    if (!said.ok() || start == std::string::npos) co_return "";
    co_return said.output.substr(start, said.output.find(' ', start) - start);
}

} // namespace persais::git
