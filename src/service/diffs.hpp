#pragma once
#include "git/git.hpp"
#include "mechanic/task.hpp"
#include "service/remote_tokens.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace persais::service {

/// What a task changed, for a person.
struct task_diff {
    enum class kind {
        there,
        nothing,   ///< the task made no commit
        withheld,  ///< it looks as if it had a credential, and a chat is no place for one
        elsewhere, ///< the commit is not on this machine, or cannot be read
    } what = kind::nothing;
    std::string text = {}; ///< the patch, when there is one
    bool cut = false;      ///< the patch is longer
    std::string commit = {}, branch = {};
    mechanic::diff_size size = {};
};

/// last_turn: what the task's newest turn changed. One turn is one commit.
enum class diff_range { whole, last_turn };

/// Where diffs are read from; an interface because reading needs git.
class diffs {
public:
    virtual ~diffs() = default;
    /// `commit` empty: the newest one. `most`: the maximum size of the text, in bytes. May throw sandbox::interrupted.
    virtual awaitable<task_diff> read(mechanic::task of, std::string commit, diff_range range, std::size_t most) = 0;
};

/// Reads from the trusted mirrors on this machine.
class mirror_diffs final : public diffs {
public:
    /// All arguments must outlive this object.
    mirror_diffs(std::filesystem::path mirrors, const config::settings& settings, const remote_tokens& tokens)
        : mirrors_(std::move(mirrors)), settings_(settings), tokens_(tokens) {}
    awaitable<task_diff> read(mechanic::task of, std::string commit, diff_range range, std::size_t most) override;
    /// The mirror, when it contains this commit of the task.
    awaitable<std::optional<git::mirror>> holding(mechanic::task of, std::string commit) const;

private:
    std::filesystem::path mirrors_;
    const config::settings& settings_;
    const remote_tokens& tokens_;
};

} // namespace persais::service
