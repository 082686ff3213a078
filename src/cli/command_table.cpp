#include "cli/command_table.hpp"

#include "base/nearest.hpp"
#include "base/told.hpp"
#include "cli/limits.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace persais::cli {

namespace {

argument argument_of(const CLI::Option& option) {
    argument made{.what = option.get_description(), .needed = option.get_required()};
    for (const auto& name : option.get_snames())
        made.names.push_back("-" + name);
    for (const auto& name : option.get_lnames())
        made.names.push_back("--" + name);
    if (made.names.empty()) made.names.push_back(option.get_name(true));
    if (option.get_items_expected_max() == 0) return made; // a flag without a value
    made.words = words_of(option);
    auto type = option.get_type_name(); // "TEXT:NUMBER": what it is read as, then its validator's word
    auto colon = type.find(':');
    made.takes = !made.words.empty() ? "WORD" : colon == type.npos ? "WORDS" : type.substr(colon + 1);
    return made;
}

command_row row_of(const CLI::App& app, const std::string& path) {
    command_row made{.name = path, .what = app.get_description(), .footer = app.get_footer()};
    for (const auto* option : app.get_options())
        (option->get_positional() ? made.positionals : made.flags).push_back(argument_of(*option));
    for (const auto* each : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
        made.below.push_back(row_of(*each, path.empty() ? each->get_name() : path + " " + each->get_name()));
    return made;
}

} // namespace

command_row command_table(const CLI::App& app) {
    return row_of(app, "");
}

std::vector<std::string> command_names(const command_row& from) {
    std::vector<std::string> all;
    for (const auto& each : from.below) {
        all.push_back(each.name);
        std::ranges::copy(command_names(each), std::back_inserter(all));
    }
    return all;
}

result<const CLI::App*> find_command(const CLI::App& app, std::span<const std::string> words) {
    const auto* at = &app;
    for (const auto& word : words) {
        auto below = at->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
        if (below.empty()) {
            auto meant = text::did_you_mean(word, command_names(command_table(*at)));
            return fail(told<"There is no command `{}`{}", "Команды `{}` нет{}">(
                fit(word, limits::typed_columns),
                meant.empty()
                    ? told<"; `persais help` lists what there is.", "; список команд покажет `persais help`.">()
                    : meant));
        }
        at = below.front();
    }
    return at;
}

} // namespace persais::cli
