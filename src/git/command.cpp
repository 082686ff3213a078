#include "git/command.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/said.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::git {
namespace {

// Everything that a repository, a user or a machine could make git execute or trust is switched off by name, even where
// the empty environment already does it: `core.fsmonitor`, hooks and external diffs all executed code when this was
// tested.
constexpr std::array our_settings = {
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.pager=cat",
    "credential.helper=",
    "diff.external=",
    "fetch.fsckObjects=true",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.version=2",
    "receive.fsckObjects=true",
    "submodule.recurse=false",
    "transfer.fsckObjects=true",
};

std::string find_program() {
    for (const char* place : {"/usr/bin/git", "/usr/local/bin/git", "/bin/git"})
        if (::access(place, X_OK) == 0) return place;
    throw std::runtime_error("git is not installed: no /usr/bin/git");
}

std::vector<std::string> our_environment(const std::filesystem::path& home, const std::string& protocols) {
    return {"PATH=/usr/bin:/bin",
            "HOME=" + home.string(),
            "GIT_CEILING_DIRECTORIES=" + home.parent_path().string(),
            "LC_ALL=C",
            "GIT_CONFIG_NOSYSTEM=1",
            "GIT_CONFIG_SYSTEM=/dev/null",
            "GIT_CONFIG_GLOBAL=/dev/null",
            "GIT_ATTR_NOSYSTEM=1",
            "GIT_NO_REPLACE_OBJECTS=1",
            "GIT_OPTIONAL_LOCKS=0",
            "GIT_DEFAULT_REF_FORMAT=files", // the mirror's refs are read here (refs.cpp)
            "GIT_TERMINAL_PROMPT=0",
            "GIT_LITERAL_PATHSPECS=1",
            "GIT_ALLOW_PROTOCOL=" + protocols};
}

} // namespace

const std::string& program() {
    static const std::string found = find_program();
    return found;
}

std::string quoted(std::string_view s) {
    std::string word = "'";
    for (char c : s) {
        if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    return word + "'";
}

std::string far_end(std::string_view service, std::string_view more_settings) {
    std::string line = git::quoted(program()) + " -c safe.directory='*' ";
    line += more_settings;
    line += ' ';
    line += service;
    return line;
}

sandbox::child_spec spec_of(command what, const std::filesystem::path& home) {
    sandbox::child_spec spec;
    if (!what.input_file.empty()) {
        // run_child keeps its input in memory as a string, and a pack may be large.
        spec.argv = {"/bin/sh", "-c", "exec \"$@\" < \"$PERSAIS_INPUT\"", "sh"};
        what.environment.push_back("PERSAIS_INPUT=" + what.input_file);
    }
    spec.argv.push_back(program());
    if (!what.git_dir.empty()) spec.argv.push_back("--git-dir=" + what.git_dir.string());
    if (!what.work_tree.empty()) spec.argv.push_back("--work-tree=" + what.work_tree.string());
    auto set = [&](std::string setting) {
        spec.argv.emplace_back("-c");
        spec.argv.push_back(std::move(setting));
    };
    for (const char* setting : our_settings)
        set(setting);
    for (auto& setting : what.settings)
        set(std::move(setting));
    for (auto& word : what.arguments)
        spec.argv.push_back(std::move(word));

    spec.environment = our_environment(home, what.protocols);
    for (auto& entry : what.environment)
        spec.environment.push_back(std::move(entry));
    spec.secret_environment = std::move(what.secret_environment);
    spec.secret_files = std::move(what.secret_files);
    // Relative paths in a repository's own files must not lead to another folder.
    spec.folder = what.work_tree.empty() ? home.string() : what.work_tree.string();
    spec.input = std::move(what.input);
    spec.total = what.total;
    spec.keep_output = what.keep_output;
    spec.on_output = std::move(what.on_output);
    spec.on_error = std::move(what.on_error);
    return spec;
}

namespace {

/// Whether a helper was killed. A helper that ended otherwise reports why: a full disk, an invalid object.
bool helper_was_killed(const std::string& error) {
    said text(error);
    if (text.any({"died of signal"})) return true;
    return text.any({"invalid index-pack output"}) && error.find("fatal:") == error.rfind("fatal:");
}

} // namespace

sandbox::child_result unless_killed(sandbox::child_result result) {
    using sandbox::ended;
    bool killed = result.how == ended::signalled || result.how == ended::interrupted;
    if (killed)
        throw sandbox::interrupted(told<"git was killed (signal {}).", "git был убит (сигнал {}).">(result.code));
    // When git's helper was killed, git exits as if the repository had a problem.
    if (!result.ok() && helper_was_killed(result.error))
        throw sandbox::interrupted(told<"A part of git was killed.", "Часть git была убита.">());
    return result;
}

namespace {

/// Whether git reports only that the other end stopped sending; any other complaint is a reason of its own. `error` has
/// git's prefixes.
bool only_about_silence(std::string_view error) {
    while (!error.empty()) {
        auto line = error.substr(0, error.find('\n'));
        error.remove_prefix(std::min(line.size() + 1, error.size()));
        bool complaint = line.starts_with("fatal:") || line.starts_with("error:") || line.starts_with("remote:");
        said one(line);
        if (complaint && !cut_off(one) &&
            !one.any({"could not read from remote repository", "invalid index-pack output"}))
            return false;
    }
    return true;
}

} // namespace

sandbox::child_result unless_cut_off(sandbox::child_result result) {
    said text(result.error);
    bool silent = cut_off(text) || text.any({"could not read from remote repository"}) ||
                  result.error.starts_with("Killed\n"); // printed by the shell between the two
    if (result.how == sandbox::ended::exited && result.code != 0 && silent && only_about_silence(result.error))
        throw sandbox::interrupted(
            told<"The other git was killed: {}.", "Второй git был убит: {}.">(words_of(result.error)));
    return result;
}

awaitable<sandbox::child_result> run(command what, std::filesystem::path home) {
    co_return unless_killed(co_await sandbox::run_child(spec_of(std::move(what), home)));
}

} // namespace persais::git
