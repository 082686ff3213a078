#include "worker/repository_rules.hpp"

#include "base/told.hpp"
#include "checks/guess.hpp"

#include <map>

namespace persais::worker {

namespace {

/// The files that `guess` reads; all small texts at the top level.
constexpr std::string_view guessed_from[] = {"package.json", "pyproject.toml", "GNUmakefile",
                                             "Makefile",     "makefile",       "CMakeLists.txt"};

/// `names`: those of the top level.
awaitable<git::outcome<checks::guesses>> guess_at(git::mirror& mirror, git::commit_id base,
                                                  std::vector<std::string> names) {
    for (auto folder : checks::test_folders) {
        if (std::ranges::find(names, folder) == names.end()) continue;
        auto inside = co_await mirror.names_in(base, std::string(folder));
        if (!inside) continue; // it is a file
        for (const auto& name : *inside)
            names.push_back(std::string(folder) + "/" + name);
    }
    std::map<std::string, std::string> texts;
    for (auto name : guessed_from) {
        if (std::ranges::find(names, name) == names.end()) continue;
        auto text = co_await mirror.file(base, std::string(name));
        if (text && *text) texts.emplace(name, std::move(**text));
    }
    co_return checks::guess(names, [&](const std::string& name) -> std::optional<std::string> {
        auto found = texts.find(name);
        return found == texts.end() ? std::nullopt : std::optional(found->second);
    });
}

/// The first that is set; a guess comes last and names the file that it was made from.
mechanic::chosen_command first_set(const std::optional<std::string>& flag, const std::optional<std::string>& own,
                                   const std::optional<std::string>& file, const std::string& setting,
                                   const char* setting_name, const std::optional<checks::guessed>& guess) {
    if (flag) return {*flag, "flag"};
    if (own) return {*own, "repository"};
    if (file) return {*file, std::string(checks::repository_file_name)};
    if (!setting.empty()) return {setting, setting_name};
    if (guess) return {guess->command, told<"guess: {}", "угадано: {}">(guess->because)};
    return {};
}

} // namespace

awaitable<git::outcome<repository_rules>> find_rules(git::mirror& mirror, git::commit_id base, mechanic::order what,
                                                     const config::settings& settings,
                                                     std::shared_ptr<const queue::repository> own) {
    repository_rules rules;
    const queue::repository set = own ? *own : queue::repository{};
    auto names = co_await mirror.names_in(base); // first, because most repositories have none of the files
    if (!names) co_return std::unexpected(names.error());
    git::outcome<std::optional<std::string>> text;
    if (std::ranges::find(*names, checks::repository_file_name) != names->end())
        text = co_await mirror.file(base, std::string(checks::repository_file_name));
    if (!text) co_return std::unexpected(text.error());
    if (*text) {
        auto parsed = checks::parse_repository_file(**text);
        if (!parsed) co_return std::unexpected(git::failure{git::error_kind::other, parsed.error()});
        rules.file = std::move(*parsed);
    }
    rules.file.allow_of_admins = set.allow;
    rules.file.protect_of_admins = set.protect;
    bool ours = what.remote == settings.git_remote_url;
    std::string check_setting = ours ? settings.check_command : "";
    std::string setup_setting = ours ? settings.setup_command : "";
    bool check_set = what.check || set.check || rules.file.check || !check_setting.empty();
    bool setup_set = what.setup || set.setup || rules.file.setup || !setup_setting.empty();
    checks::guesses guesses;
    if (!check_set) {
        auto made = co_await guess_at(mirror, base, std::move(*names));
        if (!made) co_return std::unexpected(made.error());
        guesses = std::move(*made);
    }
    rules.check = first_set(what.check, set.check, rules.file.check, check_setting, "CHECK_COMMAND", guesses.check);
    // A guessed setup is used only with a guessed check, because a person who names the check knows what it needs.
    rules.setup = first_set(what.setup, set.setup, rules.file.setup, setup_setting, "SETUP_COMMAND",
                            check_set || setup_set ? std::nullopt : guesses.setup);
    co_return rules;
}

} // namespace persais::worker
