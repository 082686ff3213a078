#pragma once
#include "git/limits.hpp"
#include "sandbox/child.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// How trusted git is run (design.md D6): an absolute program, an environment that is written down here entry by entry,
/// no configuration but ours, no hooks, no filters, no external programs, an explicit git directory.
namespace persais::git {

/// One run of trusted git.
struct command {
    std::vector<std::string> arguments;   // "fetch", "--prune", …
    std::filesystem::path git_dir;        // never found by looking around; empty: the command needs none
    std::filesystem::path work_tree;      // only one that no agent has had; empty: none
    std::vector<std::string> settings;    // "name=value", for this command only, after ours
    std::vector<std::string> environment; // "NAME=value", beside ours
    std::vector<std::pair<std::string, secret>> secret_environment = {};
    std::string protocols = "none"; // GIT_ALLOW_PROTOCOL
    std::string input;
    std::string input_file; // instead of `input`: standard input is this file
    std::chrono::milliseconds total = limits::git_local;
    std::size_t keep_output = limits::git_output_bytes;
    std::shared_ptr<const void> needs; // lives until the command has ended: what its environment names
    std::function<void(std::string_view)> on_output;
    std::function<void(std::string_view)> on_error;
};

/// The git of this machine: /usr/bin/git, else the next usual place. Throws when there is none.
const std::string& program();

/// Exactly what is run. `home` is an empty folder.
sandbox::child_spec spec_of(command what, const std::filesystem::path& home);

/// The result of a git that came to an end of its own. Throws sandbox::interrupted for one that was killed, or that
/// gave up because a helper of its own was: such an end is no answer, neither about the remote nor about the work.
sandbox::child_result unless_killed(sandbox::child_result result);

/// The result of a git that talked to another one of ours on this machine: it was killed too when the other one was.
sandbox::child_result unless_cut_off(sandbox::child_result result);

/// To its end; throws what unless_killed throws.
awaitable<sandbox::child_result> run(command what, std::filesystem::path home);

/// The program for the far end of a local transport. Its environment is cut down by git itself, so what it needs to
/// know stands in its command line: another user's repository is no danger to who reads it (its configuration is not
/// obeyed).
std::string far_end(std::string_view service, std::string_view more_settings = {});

/// `s` as one word of a shell command.
std::string quoted(std::string_view s);

} // namespace persais::git
