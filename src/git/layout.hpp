#pragma once
#include "git/command.hpp"
#include "git/explain.hpp"
#include "git/git.hpp"

#include <string_view>

namespace persais::git {

/// Where things stand in a mirror's folder.
struct layout {
    std::filesystem::path folder;
    std::filesystem::path git() const { return folder / "git"; }           // the bare repository
    std::filesystem::path clone() const { return folder / "clone"; }       // the first clone, until it is whole
    std::filesystem::path home() const { return folder / "home"; }         // empty
    std::filesystem::path incoming() const { return folder / "incoming"; } // packs on their way in
    std::filesystem::path askpass() const { return folder / "askpass"; }
    std::filesystem::path refreshing() const { return folder / "refresh.lock"; } // held alone by who fetches
    std::filesystem::path used() const { return folder / "use.lock"; }           // shared by who writes

    /// Makes the folders and the script. Throws filesystem_error, system_error.
    void prepare() const;
    /// A command on the bare repository.
    command on_mirror(std::vector<std::string> arguments) const;
    /// A command that speaks to the remote (of read_reachable). Throws when a file of known hosts has gone since.
    command on_remote(const address& at, const remote& where, std::vector<std::string> arguments) const;
    awaitable<sandbox::child_result> run(command what) const;
    /// What to tell of one that failed.
    awaitable<failure> explain(sandbox::child_result failed, address at, remote where, doing what) const;
};

/// 40 lower-case hex digits.
bool is_id(std::string_view s);

/// Passes each of git's progress lines on, one call a line. Empty when `tell` is.
std::function<void(std::string_view)> by_line(std::function<void(std::string_view)> tell);

/// The pieces of `s` between `separator`s; a last empty one is dropped.
std::vector<std::string_view> pieces(std::string_view s, char separator);

} // namespace persais::git
