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

/// How trusted git is run (design.md D6): an absolute program, an environment that is listed here entry by entry, only
/// our configuration, no hooks, no filters, no external programs, and an explicit git directory.
namespace persais::git {

/// One execution of trusted git.
struct command {
    std::vector<std::string> arguments;   // "fetch", "--prune", …
    std::filesystem::path git_dir;        // never searched for; empty: the command needs none
    std::filesystem::path work_tree;      // only one that no agent has used; empty: none
    std::vector<std::string> settings;    // "name=value", for this command only, after our own
    std::vector<std::string> environment; // "NAME=value", in addition to our own
    std::vector<std::pair<std::string, secret>> secret_environment = {};
    std::string protocols = "none"; // GIT_ALLOW_PROTOCOL
    std::string input;
    std::string input_file; // a file for standard input, instead of `input`
    std::chrono::milliseconds total = limits::git_local;
    std::size_t keep_output = limits::git_output_bytes;
    std::vector<secret> secret_files = {}; // as child_spec has them
    std::function<void(std::string_view)> on_output;
    std::function<void(std::string_view)> on_error;
};

/// The path of git on this machine: /usr/bin/git, else the next usual place. Throws when there is none.
const std::string& program();

/// The program, arguments and environment that are executed. `home` is an empty folder.
sandbox::child_spec spec_of(command what, const std::filesystem::path& home);

/// Returns the result of a git that ended by itself. Throws sandbox::interrupted when git was killed, or gave up
/// because a helper of it was killed: such an end tells nothing about the remote or the work.
sandbox::child_result unless_killed(sandbox::child_result result);

/// As unless_killed, for a git that communicated with another git of ours on this machine: it also throws when that one
/// was killed.
sandbox::child_result unless_cut_off(sandbox::child_result result);

/// Runs the command to its end; throws what unless_killed throws.
awaitable<sandbox::child_result> run(command what, std::filesystem::path home);

/// The program for the far end of a local transport. git itself removes most of its environment, so its settings are in
/// its command line: safe.directory is switched off there, which is no danger to the reader of another user's
/// repository, because that repository's configuration is not obeyed.
std::string far_end(std::string_view service, std::string_view more_settings = {});

/// Quotes `s` as one word of a shell command.
std::string quoted(std::string_view s);

} // namespace persais::git
