#pragma once
#include "git/testing_server.hpp"

namespace persais::git::testing {

inline std::vector<std::string> ssh_server(const fs::path& root, std::vector<std::string> more) {
    std::vector<std::string> argv{"/usr/bin/python3", PERSAIS_SOURCE_DIR "/tests/fakes/sshd/serve.py", root.string()};
    argv.insert(argv.end(), more.begin(), more.end());
    return argv;
}

/// A served repository with one commit, and keys with the right to write, with the right to read, and with none.
struct ssh_served {
    explicit ssh_served(std::vector<std::string> more = {})
        : made(shell(folder.path(),
                     "mkdir root; git init -q person; cd person; echo a > a; git add a; git commit -qm a;"
                     "git init -q --bare ../root/team.git; git push -q ../root/team.git main;"
                     "git rev-parse HEAD; git commit -q --allow-empty -m next")),
          sshd(ssh_server(folder.path() / "root", std::move(more))) {}
    fs::path ours(const std::string& name) const { return folder.path() / "ssh" / name; }
    std::string authority() const { return sshd.url().substr(std::string_view("ssh://").size()); }
    std::string port() const { return sshd.url().substr(sshd.url().rfind(':') + 1); }
    remote where(const std::string& key = "writer", const std::string& name = "team.git") const {
        return {.url = sshd.url() + (folder.path() / "root" / name).string(),
                .ssh_key = secret(read(ours(key))),
                .known_hosts = ours("known_hosts").string()};
    }
    mirror of(remote where) const { return {folder.path() / "mirrors", std::move(where)}; }
    failure refused(remote where) const {
        auto m = of(std::move(where));
        auto fresh = on_a_loop(m.refresh());
        return fresh ? failure{error_kind::other, "it worked"} : fresh.error();
    }
    std::string branch(const std::string& name) const {
        return shell(folder.path() / "root/team.git", "git rev-parse --verify -q " + name + " || echo none");
    }
    std::string log() const { return read(ours("log")); }
    std::string fingerprint_of(const std::string& name) const {
        return shell(folder.path(), "ssh-keygen -l -f ssh/" + name + ".pub | cut -d' ' -f2");
    }
    open_temp_dir folder;
    commit_id made;
    server sshd;
};

#define SKIP_WITHOUT_SSHD(s)                                                                                           \
    if (!(s).sshd.why_not().empty()) GTEST_SKIP() << (s).sshd.why_not()

} // namespace persais::git::testing
