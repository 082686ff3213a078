#include "pgserver/server_user.hpp"

#include "pgserver/server_process.hpp"

#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::pgserver {

namespace fs = std::filesystem;

namespace {

constexpr auto our_user = "persais-db";

std::optional<server_user> named(const char* name) {
    const auto* entry = ::getpwnam(name);
    if (!entry || entry->pw_uid == 0) return std::nullopt;
    return server_user{entry->pw_uid, entry->pw_gid, false};
}

} // namespace

result<server_user> choose_user(const fs::path& cluster) {
    if (::geteuid() != 0) return server_user{::geteuid(), ::getegid(), true};
    struct stat owner{};
    if (::stat(cluster.c_str(), &owner) == 0 && owner.st_uid != 0)
        return server_user{owner.st_uid, owner.st_gid, false};
    if (auto there = named(our_user)) return *there;
    for (const char* tool : {"/usr/sbin/useradd", "/sbin/useradd"}) {
        if (::access(tool, X_OK) != 0) continue;
        // This takes a few milliseconds, once per machine.
        run_briefly({tool, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
                     "/usr/sbin/nologin", our_user});
        if (auto there = named(our_user)) return *there;
    }
    for (const char* name : {"postgres", "nobody"})
        if (auto there = named(name)) return *there;
    return fail("PostgreSQL does not run as root, and no other user can be added; add one called persais-db, or set "
                "DATABASE_URL");
}

bool reachable(const server_user& user, const fs::path& path) {
    for (auto folder = path.parent_path();; folder = folder.parent_path()) {
        struct stat s{};
        if (::stat(folder.c_str(), &s) != 0) return false;
        auto bit = s.st_uid == user.uid ? S_IXUSR : s.st_gid == user.gid ? S_IXGRP : S_IXOTH;
        if (!(s.st_mode & static_cast<mode_t>(bit))) return false;
        if (folder == folder.root_path()) return true;
    }
}

std::vector<std::string> run_as(const server_user& user, const std::vector<fs::path>& needed) {
    if (user.ours) return {};
    bool all = true;
    for (const auto& path : needed)
        all = all && reachable(user, path);
    std::vector<std::string> words{"/usr/bin/setpriv", fmt::format("--reuid={}", user.uid),
                                   fmt::format("--regid={}", user.gid), "--clear-groups", "--no-new-privs"};
    if (all) {
        words.emplace_back("--inh-caps=-all");
    } else {
        auto which = ::prctl(PR_CAPBSET_READ, CAP_DAC_READ_SEARCH) == 1 ? "dac_read_search" : "dac_override";
        words.push_back(fmt::format("--inh-caps=-all,+{}", which));
        words.push_back(fmt::format("--ambient-caps=-all,+{}", which));
        // Without this, access(2), with which initdb looks for its programs, ignores capabilities for everyone but
        // root.
        words.emplace_back("--securebits=+no_setuid_fixup");
    }
    words.emplace_back("--");
    return words;
}

} // namespace persais::pgserver
