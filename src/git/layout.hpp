#pragma once
#include "git/command.hpp"
#include "git/explain.hpp"
#include "git/git.hpp"

#include <string_view>

namespace persais::git {

/// The paths in a mirror's folder.
struct layout {
    std::filesystem::path folder;
    std::filesystem::path git() const { return folder / "git"; }           // the bare repository
    std::filesystem::path clone() const { return folder / "clone"; }       // the first clone, until it is complete
    std::filesystem::path whole() const { return folder / "whole"; }       // what a partial mirror lacks, on its way
    std::filesystem::path home() const { return folder / "home"; }         // empty
    std::filesystem::path incoming() const { return folder / "incoming"; } // packs on their way in
    std::filesystem::path histories() const { return folder / "history"; } // what trees borrow (history.hpp)
    std::filesystem::path trees() const { return folder / "trees"; } // what trees are layered over (base_tree.hpp)
    std::filesystem::path askpass() const { return folder / "askpass"; }
    std::filesystem::path refreshing() const { return folder / "refresh.lock"; }     // held exclusively while fetching
    std::filesystem::path used() const { return folder / "use.lock"; }               // held shared while writing
    std::filesystem::path tending() const { return folder / "tend.lock"; }           // held alone; before the others
    std::filesystem::path completing() const { return folder / "whole.lock"; }       // held alone; before the others
    std::filesystem::path making_history() const { return folder / "history.lock"; } // held alone; before use.lock
    std::filesystem::path naming() const { return folder / "names.lock"; } // the same: while two sides have names
    std::filesystem::path making_trees() const { return folder / "trees.lock"; }     // the same

    /// Creates the folders and the script. Throws filesystem_error, system_error.
    void prepare() const;
    /// A command that works on the bare repository.
    command on_mirror(std::vector<std::string> arguments) const;
    /// A command that connects to the remote (the result of read_reachable). Throws when the file of known hosts was
    /// deleted meanwhile.
    command on_remote(const address& at, const remote& where, std::vector<std::string> arguments) const;
    /// The command that fetches from the remote (the result of read_reachable) into a bare repository: `what` are
    /// refspecs. Every object is checked, but for the known mistakes of old tools.
    command fetch(const address& from, const remote& where, std::filesystem::path into, std::vector<std::string> flags,
                  std::vector<std::string> what) const;
    /// As git::run, with this mirror's empty home.
    awaitable<sandbox::child_result> run(command what) const;
    /// The failure that a command on the remote ended with.
    awaitable<failure> explain(sandbox::child_result failed, address at, remote where, doing what) const;
};

/// Whether `s` is a whole id, of SHA-1 or SHA-256: 40 or 64 lower-case hex digits.
bool is_id(std::string_view s);
/// What `git init` is told for a repository in which this id can be. A repository has ids of one kind only.
std::string object_format(std::string_view id);
/// The id that a command of git printed first.
std::string first_word(std::string_view output);

/// Calls `tell` with each of git's progress lines. Empty when `tell` is.
std::function<void(std::string_view)> by_line(std::function<void(std::string_view)> tell);

/// The pieces of `s` between the separators; a last empty one is dropped.
std::vector<std::string_view> pieces(std::string_view s, char separator);

} // namespace persais::git
