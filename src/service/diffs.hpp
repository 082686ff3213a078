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
        nothing,   ///< it made no commit
        elsewhere, ///< the commit is not on this machine, or cannot be read
    } what = kind::nothing;
    std::string text = {}; ///< of one that is there: a patch
    bool cut = false;      ///< it is longer
    std::string commit = {}, branch = {};
    mechanic::diff_size size = {};
};

/// last_turn: what its newest turn changed. One turn is one commit.
enum class diff_range { whole, last_turn };

/// Where diffs are read from; an interface because reading needs git.
class diffs {
public:
    virtual ~diffs() = default;
    /// `commit` empty: the newest. `most`: bytes of the text. May throw sandbox::interrupted.
    virtual awaitable<task_diff> read(mechanic::task of, std::string commit, diff_range range, std::size_t most) = 0;
};

/// From the trusted mirrors of this machine.
class mirror_diffs final : public diffs {
public:
    /// All outlive it.
    mirror_diffs(std::filesystem::path mirrors, const config::settings& settings, const remote_tokens& tokens)
        : mirrors_(std::move(mirrors)), settings_(settings), tokens_(tokens) {}
    awaitable<task_diff> read(mechanic::task of, std::string commit, diff_range range, std::size_t most) override;
    /// The mirror when it holds this commit of the task.
    awaitable<std::optional<git::mirror>> holding(mechanic::task of, std::string commit) const;

private:
    std::filesystem::path mirrors_;
    const config::settings& settings_;
    const remote_tokens& tokens_;
};

} // namespace persais::service
