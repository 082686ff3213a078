#pragma once
#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "git/limits.hpp"
#include "sandbox/sandbox.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace persais::git {

/// The id of a commit: 40 hex digits, or 64 in a repository of the SHA-256 format.
using commit_id = std::string;

enum class error_kind {
    not_found,
    no_read,
    no_push,
    protected_branch,
    moved,
    network,
    disk_full,   // or the disk fails
    cannot_sign, // a commit, on this machine
    empty_repository,
    no_head,
    refused_url,
    bad_object,
    too_large,
    other
};

/// A failure, with one clear sentence for a person: what it was and what to do. It never contains a token or a key.
struct failure {
    error_kind kind;
    std::string sentence;
};
template <class T>
using outcome = result<T, failure>;

/// A remote, with the token that may be sent to it and the key that may be used with its host, and with no other.
struct remote {
    std::string url; // https, http to loopback only when there is a token, ssh (or user@host:path), file, a local path
    secret token = {};              // empty: none
    std::string token_user = "git"; // the user name for the token, unless the url has one
    std::string ca_file = {};       // GIT_SSL_CAINFO; empty: git's own
    secret ssh_key = {};            // GIT_SSH_KEY, as it was written; empty: none, and ssh is refused
    std::string known_hosts = {}; // GIT_SSH_KNOWN_HOSTS: lines, a file's name, or empty: the big forges' published keys
};

/// Who makes commits, and what these show of that.
struct identity {
    std::string name = "Mechanic";
    std::string email = "mechanic@persais.ai";
    secret signing_key = {};    // a private key as ssh-keygen reads it; empty: commits are not signed
    bool sign_off = false;      // commits say "Signed-off-by: name <email>"
    std::string co_author = {}; // "Ann <ann@example.org>", for "Co-authored-by:"; empty: nobody
};

struct diff_stat {
    int files = 0;
    int insertions = 0;
    int deletions = 0;
};

/// A symbolic link in a tree.
struct tree_link {
    std::string path;
    std::string target; // as it is written
    bool operator==(const tree_link&) const = default;
};

/// Two paths of a tree that are one file where a file system ignores case, or how a character is written.
struct colliding {
    std::string added; // by the change
    std::string other;
};

/// Who is told of what a commit adds to another one, in the order of the diff. Neither may throw.
struct added_lines {
    std::function<void(std::string_view path)> file; // a new file
    /// A line without its end, with its number in the new file; a long one comes in pieces.
    std::function<void(std::string_view path, int number, std::string_view text)> line;
};

/// A submodule of a commit.
struct submodule {
    std::string name;    // in .gitmodules
    std::string path;    // in the tree
    std::string written; // its address as .gitmodules has it; empty: it has none there
    commit_id commit;
};

/// Checks the form of a URL or path without using the network: known schemes, no password inside, a token only over
/// https or to loopback, for ssh a key without a passphrase and known hosts that can be read. An ordinary path must be
/// a repository.
outcome<void> acceptable(const remote& where);

/// Whether two remotes are on the same host and port, so that the token and key of one may be used with the other.
/// https and ssh are the same when both use their default ports. False for local paths.
bool same_host(const std::string& one, const std::string& other);

/// The commit message for an instruction: a subject of at most 72 characters from its first line, and the whole text
/// below when that is longer.
std::string commit_message(std::string_view instruction);

struct history; // history.hpp

/// The trusted bare copy of one remote (design.md D6). No sandbox can write to it. Create one object per remote and
/// process; other processes may use the same folder (flock on a lock file).
class mirror {
public:
    /// `root`: the folder of all mirrors, PERSAIS_DATA/mirrors; the folder of this remote has a name derived from its
    /// URL.
    mirror(std::filesystem::path root, remote where);

    /// Clones or fetches. `progress` is called with git's own progress lines. A first clone that is not there within
    /// `patience` becomes one of the newest commits of `branch` alone, else of the branch that the remote's HEAD names.
    awaitable<outcome<void>> refresh(std::function<void(std::string_view)> progress = {},
                                     std::optional<std::string> branch = {},
                                     std::chrono::milliseconds patience = limits::first_clone_patience);
    /// Whether it is such a one still.
    bool is_partial() const;
    /// Brings what such a clone left out, without keeping a refresh waiting meanwhile. False: there was nothing to
    /// bring, or another one brings it.
    awaitable<outcome<bool>> complete(std::function<void(std::string_view)> progress = {});
    /// The remote's base branch: `wanted`, else the one that its HEAD names. Call it after refresh.
    awaitable<outcome<std::string>> base_branch(std::optional<std::string> wanted);
    /// The commit of a branch at the last refresh; an error when there is no such branch.
    awaitable<outcome<commit_id>> commit_of(std::string branch);
    /// Whether the mirror has this commit (a checkpoint may have been lost with the disk). An error when git could not
    /// look, which says nothing.
    awaitable<outcome<bool>> has(commit_id commit);
    /// The content of a file at a commit, at most `most` bytes; nullopt when there is none (`.persais.toml`, lock
    /// files).
    awaitable<outcome<std::optional<std::string>>> file(commit_id commit, std::string path, std::size_t most = 1 << 20);
    /// The names in a folder of the commit, "" for its top level: of files and folders, without the folder's own name.
    /// None when there is no such folder.
    awaitable<outcome<std::vector<std::string>>> names_in(commit_id commit, std::string folder = {});
    /// Those of these ids that are the content of a file of the commit.
    awaitable<outcome<std::set<std::string>>> contents_among(commit_id commit, std::set<std::string> ids);

    /// Makes a private clone for one task at `tree`, with its own git directory inside, at `commit`, on a branch named
    /// `work`. When `work` is given, its content is checked out on top of `commit` (a checkpoint of earlier work). The
    /// clone sees what a CI's checkout does: `past` with its tags, and origin/<branch> at past->base; without `past`,
    /// one commit. It works only where the objects of `past` are found at past->seen_at.
    awaitable<outcome<void>> make_tree(std::filesystem::path tree, commit_id commit, std::optional<commit_id> work = {},
                                       std::shared_ptr<const history> past = {});

    /// The submodules of a commit, as its own .gitmodules names them.
    awaitable<outcome<std::vector<submodule>>> submodules(commit_id commit);
    /// Makes sure that a commit of the remote is in the mirror, also one that no branch has. Call it after refresh.
    /// False: the remote does not give it.
    awaitable<outcome<bool>> fetch_commit(commit_id commit);
    /// Puts a submodule, whose mirror this is, into the tree of another repository as `git submodule update` does, but
    /// without history. `git_dir`: the repository of that tree, which no program has used yet. False when the tree has
    /// no empty folder for it, because the work removed it.
    awaitable<outcome<bool>> place_submodule(std::filesystem::path tree, std::filesystem::path git_dir, submodule what,
                                             std::string url);

    /// The address of the LFS server in the commit's .lfsconfig; nullopt: it names none.
    awaitable<outcome<std::optional<std::string>>> lfs_url(commit_id commit);
    /// Puts the contents of LFS files into a tree that no program has used yet, in place of their pointers, so that
    /// `git status` is clean. What is not kept beside the mirror is fetched by git-lfs from `from`, the LFS server.
    awaitable<outcome<void>> place_lfs(std::filesystem::path tree, remote from);

    struct import_spec {
        std::filesystem::path tree; // as in `view`
        commit_id base;             // the parent of the commit that is made
        identity who;
        time_point when; // stored with the task, so that a repeated import makes the same bytes
        std::string message;
        std::string keep_as;                   // refs/persais/tasks/<id>/work
        bool lfs = false;                      // the tree was made by place_lfs as well
        std::filesystem::path remembered = {}; // what remember_tree wrote (tree_look.hpp); empty: everything is read
    };
    struct imported {
        commit_id commit; // equal to base when the tree has no change
        diff_stat stat;
        std::vector<std::string> paths;    // changed paths, to check for protected ones
        std::vector<std::string> left_out; // repositories in the tree, and submodules: changes in them are not imported
        std::vector<std::string> lfs_left_out = {}; // nor are files in LFS, whose contents cannot be uploaded
        std::vector<tree_link> links_out = {};      // links of the change that lead out of the tree, or into .git
        std::optional<colliding> collides = {};     // the first of the change's new paths that is another's name
    };
    /// Imports the tree's content into the mirror: git add, write-tree and pack-objects run confined; the objects are
    /// accepted after every check; the commit itself is made here from the tree, the dates and the identity.
    awaitable<outcome<imported>> import(import_spec what, const sandbox::backend& confine, const sandbox::view& inside);

    /// Moves a tree that programs have used from whatever state it is in to `commit`. This runs confined, because its
    /// .git cannot be trusted any more. `base` is a commit whose objects it has. Tracked files get the content of
    /// `commit`, and keep their times where they have it already; other files that the programs made (build folders)
    /// stay.
    awaitable<outcome<void>> update_tree(commit_id base, commit_id commit, const sandbox::backend& confine,
                                         sandbox::view view);

    /// Lays earlier work on top of a tree of `base` that no program has used yet, as make_tree does. This runs
    /// confined, so that the tree may be layered.
    awaitable<outcome<void>> lay_on_top(commit_id base, commit_id work, const sandbox::backend& confine,
                                        sandbox::view view);

    /// The paths that differ between two commits; a rename has both names.
    awaitable<outcome<std::vector<std::string>>> changed_paths(commit_id from, commit_id to);

    /// The text of `git diff base commit`, at most `most` bytes, with colours when `colour` is set.
    awaitable<outcome<std::string>> diff(commit_id base, commit_id commit, std::size_t most, bool colour = false);

    /// Reads every line that `commit` adds to `base`, also in files that git takes for binary.
    awaitable<outcome<void>> read_added(commit_id base, commit_id commit, added_lines into);
    /// Whether a line of some file of the commit has this text; of several lines, the longest of them.
    awaitable<outcome<bool>> has_text(commit_id commit, std::string text);

    /// The size of that diff.
    awaitable<outcome<diff_stat>> stat(commit_id base, commit_id commit);

    /// Checks that a branch of ours was, at the last refresh, at one of these commits; else an error of kind `moved`.
    awaitable<outcome<void>> stands_at(std::string branch, std::vector<commit_id> ours);

    /// The name for a task's branch that can be pushed to the remote as it was at the last refresh: branch_name(), with
    /// a number behind it when somebody else has it (another installation, which counts its tasks from 1 too), and with
    /// `mechanic-` before it when a branch `mechanic` stands in the way.
    awaitable<std::string> free_branch(std::string task, std::string instruction);

    struct pushed {
        bool already_there = false;
    };
    /// Pushes with an explicit lease, for which git reads the remote's branch: equal to `commit` = done; equal to
    /// `expected` (nullopt: absent) = pushed; anything else = moved. Never overwrites the work of others. What is there
    /// then is in the mirror as well.
    awaitable<outcome<pushed>> push(std::string branch, commit_id commit, std::optional<commit_id> expected);

    /// Work that was made anew on another commit: the commits of a rebase, or the one of a revert.
    struct replayed {
        commit_id commit;                   // equal to what it was made on when nothing was left to change
        std::vector<std::string> conflicts; // paths that both sides changed; nothing was made, and `commit` is empty
        bool same_text = true;              // the change reads the same there, with the lines around it
        diff_stat stat;                     // relative to what it was made on
    };
    struct replay_spec {
        commit_id from, to; // the commits after `from` up to `to`, one after the other, without merges; a revert of one
                            // commit needs no `from`
        commit_id onto;
        identity who;        // who commits; the authors of a rebase stay
        time_point when;     // stored with the task, so that a repeated step makes the same bytes
        std::string message; // of a revert
        std::string keep_as; // as import_spec has it
    };
    /// What replay_spec is about, merged into `onto` as far as it goes: a commit on it, of which nothing is kept. Where
    /// both sides changed the same lines, a file has the texts of both, and of before, between lines of marks.
    struct half_merged {
        commit_id commit;
        std::vector<std::string> conflicts;
        std::string message; // for the commit that is made of it
    };
    /// `back`: what the commits changed is taken back.
    awaitable<outcome<half_merged>> merge_as_far_as_it_goes(replay_spec what, bool back);
    /// The files in which `commit` adds such marks to `base`; in this order, each once.
    awaitable<outcome<std::vector<std::string>>> marked_in(commit_id base, commit_id commit);
    /// Makes the commits anew on top of `onto`, in the mirror, without a tree. One that changes nothing there is left
    /// out.
    awaitable<outcome<replayed>> rebase(replay_spec what);
    /// Makes one commit on top of `onto` that takes back what the commits changed, also under later ones.
    awaitable<outcome<replayed>> revert(replay_spec what);
    /// What was pushed in place of `made`, which was made on top of `onto` too: a commit that `tip` has since `onto`
    /// and that is equal to `made` but for signatures, because another worker signed it, or another key. Empty: there
    /// is none, or the mirror lacks a commit.
    awaitable<outcome<commit_id>> find_twin(commit_id made, commit_id onto, commit_id tip);
    /// The commit whose id begins with these digits; empty: the mirror has none, or more than one.
    awaitable<outcome<commit_id>> find_commit(std::string digits);
    /// Whether `tip` has this commit in its history. False when the mirror lacks either.
    awaitable<outcome<bool>> contains(commit_id tip, commit_id commit);
    /// As push, onto a branch that is everybody's: only forward, so that all that `expected` has stays.
    awaitable<outcome<pushed>> land(std::string branch, commit_id commit, commit_id expected);

    /// Deletes what was kept for a task (its refs below refs/persais/); the objects are deleted by the next gc.
    awaitable<void> forget(std::string ref_prefix);

    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    remote where_;
};

/// `mechanic/<task>-<slug>`: the slug is at most 40 characters of [a-z0-9-] from the instruction, transliterated from
/// Cyrillic; `change` when nothing is left.
std::string branch_name(std::string_view task, std::string_view instruction);

} // namespace persais::git
