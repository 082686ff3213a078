#include "doctor/keep_out_of_git.hpp"

#include "doctor/limits.hpp"
#include "git/command.hpp"
#include "sandbox/child.hpp"

#include <fstream>

namespace persais::doctor {

namespace fs = std::filesystem;

namespace {

/// The person's own git, with their settings: what is ignored may stand in them.
awaitable<sandbox::child_result> run_git(fs::path folder, std::vector<std::string> words,
                                         config::environment variables) {
    sandbox::child_spec spec{.argv = {git::program()}, .folder = folder.string(), .total = limits::doctor_git};
    std::ranges::move(words, std::back_inserter(spec.argv));
    for (const auto* name : {"PATH", "HOME", "XDG_CONFIG_HOME"})
        if (auto found = variables.find(name); found != variables.end())
            spec.environment.push_back(std::string(name) + "=" + found->second);
    co_return co_await sandbox::run_child(std::move(spec));
}

std::string first_line(const sandbox::child_result& of) {
    return of.output.substr(0, of.output.find('\n'));
}

/// A path as a pattern of that list, which stands for this path alone.
std::string pattern_of(const std::string& path) {
    std::string pattern = "/";
    for (char c : path) {
        if (std::string_view("\\*?[ ").contains(c)) pattern += '\\';
        pattern += c;
    }
    return pattern;
}

} // namespace

awaitable<fs::path> keep_out_of_git(fs::path file, config::environment variables) {
    auto folder = file.parent_path();
    auto name = file.filename().string();
    auto ignored = co_await run_git(folder, {"check-ignore", "-q", "--", name}, variables);
    constexpr int seen = 1; // 0: it is ignored, else there is no checkout
    if (ignored.how != sandbox::ended::exited || ignored.code != seen) co_return fs::path();
    if ((co_await run_git(folder, {"ls-files", "--error-unmatch", "--", name}, variables)).ok()) co_return fs::path();
    auto list = co_await run_git(folder, {"rev-parse", "--git-path", "info/exclude"}, variables);
    auto below = co_await run_git(folder, {"rev-parse", "--show-prefix"}, variables);
    if (!list.ok() || !below.ok()) co_return fs::path();
    auto path = folder / first_line(list);
    std::error_code ignored_error;
    fs::create_directories(path.parent_path(), ignored_error);
    std::ifstream before(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(before), {}};
    std::ofstream after(path, std::ios::binary | std::ios::app);
    if (!text.empty() && text.back() != '\n') after << '\n';
    after << pattern_of(first_line(below) + name) << '\n';
    after.close();
    co_return after ? path : fs::path();
}

} // namespace persais::doctor
