#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits of git/. docs/limits.md explains each.
namespace persais::limits {

using namespace std::chrono_literals;

inline constexpr auto git_local = 5min;           // one git command on this machine
inline constexpr auto git_network = 15min;        // a clone, fetch or push
inline constexpr auto first_clone_patience = 30s; // for all of a remote, before its newest commits have to do
inline constexpr auto whole_clone = 4h;           // for the rest of it, beside the work
inline constexpr auto git_read_remote = 60s;      // ls-remote
inline constexpr auto ref_lock_wait = 1s;         // for git's lock on a ref, which another task holds for a moment
inline constexpr auto ssh_connect = 15s;          // name, TCP and the first line of an ssh server
inline constexpr auto ssh_alive = 20s;            // between two keep-alive requests to a silent ssh server, 3 at most
inline constexpr std::size_t import_bytes = 1024UL * 1024 * 1024; // of one task's work, imported into the mirror
inline constexpr std::size_t import_files = 20'000;               // new files in one task's work
inline constexpr std::size_t import_piped_bytes = 1024 * 1024;    // of a pack of work that is given to git in memory
inline constexpr std::size_t import_read_bytes = 8 * 1024 * 1024; // of a task's work that is read without a sandbox
inline constexpr std::size_t import_read_files = 2'000;           // in it; what is more is left to the confined git
inline constexpr auto import_ignore = 30s; // what of it is ignored, by the rules of its own folders
inline constexpr int import_depth = 60; // folders inside one another, of a task's work that is read by its changes
inline constexpr std::uint64_t lfs_bytes = 2UL * 1024 * 1024 * 1024; // of a tree's LFS files in all
inline constexpr std::uint64_t lfs_least_file_bytes = 1024 * 1024; // that git-lfs may write; more for a larger pointer
inline constexpr auto lfs_kept = 30 * 24h;                         // a file in LFS that no tree needs any more
inline constexpr std::size_t git_output_bytes = 32 * 1024 * 1024;  // a list that git prints: refs, changed paths
inline constexpr std::size_t git_words_bytes = 400;           // of a message of git or a server, quoted to a person
inline constexpr std::size_t link_bytes = 16UL * 1024 * 1024; // of paths looked up to follow the links of one tree
inline constexpr std::size_t added_piece_bytes = 64 * 1024;   // of a longer added line, looked at at once
inline constexpr int conflict_mark_characters = 24;           // of a line that marks where two changes meet
inline constexpr std::size_t listed_path_bytes = 64 * 1024;   // of a path in a tree, kept to look at it
inline constexpr auto git_sweep_wait = 10s; // for other users of a mirror, before a crash's remains are removed
inline constexpr std::uintmax_t history_bytes = 1024UL * 1024 * 1024; // packed, of a base branch that is given whole
inline constexpr int history_cut = 100;          // newest commits of a larger one, with CHECKOUT_DEPTH=all
inline constexpr auto history_unused = 24h * 30; // until a base branch's history that no task used is removed
inline constexpr std::size_t base_trees = 4; // checkouts of a repository that trees are layered over, and those in use
inline constexpr auto base_tree_unused = 24h * 7; // until a checkout that no task used is removed
inline constexpr auto base_tree_settled = 2s;     // from a checkout's last file until git trusts all their times
inline constexpr int tag_fetches = 40;            // in one refresh, to find the tags that fail git's checks
inline constexpr std::size_t loose_refs = 100;    // refs of a mirror with a file each, above which they are packed
inline constexpr int mirror_packs = 50;           // packs of a mirror before a refresh joins them
inline constexpr int tended_packs = 10;           // packs of a mirror before they are joined beside the work
inline constexpr auto pruned_every = 24h * 7;     // objects that no ref of a mirror has are looked for
inline constexpr auto unneeded_kept = 24h * 30;   // an object that no ref of a mirror has; a ref of a commit asked for
inline constexpr std::uintmax_t pruned_bytes = 2UL * 1024 * 1024 * 1024; // of a mirror's packs; a larger one keeps all
inline constexpr std::uintmax_t newest_packs_bytes = 64UL * 1024 * 1024; // read whole after the machine was down

} // namespace persais::limits
