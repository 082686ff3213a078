#pragma once
#include "sandbox/sandbox.hpp"

#include <set>
#include <sys/types.h>

namespace persais::sandbox {

/// Level A. Started as root, each task has a uid of its own on the host and no user namespace is needed; started as an
/// ordinary user, the namespaces are made by a user namespace and the task is that user outside.
struct bubblewrap_setup {
    std::string program; // bwrap
    std::string keeper;  // persais-keeper
    bool as_root = false;
    uid_t first_uid = 0;                       // as_root: slot 0's
    bool counted_apart = false;                // processes, in each user namespace: from Linux 5.14 on
    std::shared_ptr<memory_guard> memory = {}; // null: no limit
};

std::unique_ptr<backend> make_bubblewrap(bubblewrap_setup setup);

/// Runs the keeper's probe in it: the backend when all holds, else a refused one with the reason. Throws system_error
/// when there is no place for the probe's own folders.
awaitable<choice> try_bubblewrap(bubblewrap_setup setup);

/// bwrap's command line as it grows. Folders on the way to a mount point are made with mode 0755; left to itself, bwrap
/// 0.8 makes them 0700, and the task's user could not pass.
class command_line {
public:
    explicit command_line(std::string program) : words_{std::move(program)}, sealed_(1) {}
    void add(std::initializer_list<std::string> words) { words_.insert(words_.end(), words); }
    /// `how` is --bind, --ro-bind or --symlink with its source, at `path`.
    void place(std::initializer_list<std::string> how, const std::filesystem::path& path);
    /// A small file of this content, copied: a mount costs half a millisecond (21 of them: 41 ms instead of 25).
    void file(const std::filesystem::path& path, std::string content);
    std::vector<std::string> take() { return std::move(words_); }
    /// For child_spec::sealed; the first is left for the environment.
    std::vector<std::string> take_sealed() { return std::move(sealed_); }

private:
    void make_way(const std::filesystem::path& path);

    std::vector<std::string> words_;
    std::vector<std::string> sealed_;
    std::set<std::filesystem::path> made_;
};

/// Adds what is the same for each program of a task: the toolchain, /etc, /proc, /dev and scratch space. That is in
/// memory: of `memory_bytes` (0: no limit) it may fill three quarters.
void add_system(command_line& line, const view& what, std::uint64_t memory_bytes = 0);

/// Where `host` is found inside: below the tree, the home, the gateway; anything else stands at its own path.
std::string path_inside(const view& what, const std::filesystem::path& host);

/// Throws logic_error when the spec has secrets: what is confined is trusted with none.
void refuse_secrets(const child_spec& spec);

} // namespace persais::sandbox
