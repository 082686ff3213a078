#include "cli/usage_error.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"
#include "cli/command_table.hpp"
#include "cli/limits.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::cli {

namespace {

/// The program and the commands that were named, the innermost last.
std::vector<const CLI::App*> chain_of(const CLI::App& app) {
    std::vector<const CLI::App*> chain{&app};
    while (!chain.back()->get_subcommands().empty())
        chain.push_back(chain.back()->get_subcommands().front());
    return chain;
}

std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> all;
    for (const auto& flag : command_table(app).flags)
        std::ranges::copy(flag.names, std::back_inserter(all));
    return all;
}

/// About a word that the command `at` does not know.
std::string unknown(const CLI::App& at, const std::string& word) {
    auto shown = fit(word, limits::typed_columns);
    if (word.starts_with('-') && word.size() > 1) {
        auto flag = word.substr(0, word.find('='));
        return said<"There is no flag `{}`{}", "Флага `{}` нет{}">(fit(flag, limits::typed_columns),
                                                                   in_tongue(text::did_you_mean(flag, flags_of(at))));
    }
    if (auto names = command_names(command_table(at)); !names.empty())
        return said<"There is no command `{}`{}", "Команды `{}` нет{}">(shown,
                                                                        in_tongue(text::did_you_mean(word, names)));
    return said<"`{}` is one word too many; what belongs together is put in quotes",
                "`{}` — лишнее слово; то, что относится к одному целому, берут в кавычки">(shown);
}

/// About a word that is missing.
std::string missing(const CLI::App& at, const std::string& otherwise) {
    for (const auto* option : at.get_options())
        if (option->get_positional() && option->get_required() && option->count() == 0)
            return said<"the {} is missing: {}", "не хватает {}: {}">(option->get_name(), option->get_description());
    return otherwise;
}

} // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
    auto chain = chain_of(app);
    const auto* at = chain.back();
    std::string path = "persais";
    for (std::size_t i = 1; i < chain.size(); ++i)
        path += " " + chain[i]->get_name();
    std::string what = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
        for (const auto* each : chain)
            if (auto rest = each->remaining(); !rest.empty()) {
                auto flag = std::ranges::find_if(rest, [](const auto& word) { return word.starts_with('-'); });
                what = unknown(*each, flag != rest.end() ? *flag : rest.front());
                break;
            }
    } else if (dynamic_cast<const CLI::RequiredError*>(&error)) {
        what = missing(*at, what);
    } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
        if (auto flag = what.substr(0, what.find(':')); flag.starts_with('-'))
            what = said<"{} needs a value", "{} требует значения">(flag);
    }
    auto help =
        path == "persais"
            ? said<"`persais help` lists what there is.", "Список команд: `persais help`.">()
            : said<"`persais help{}` says how it is used.", "Как пользоваться: `persais help{}`.">(path.substr(7));
    return fmt::format("{}: {}{}\n{}\n", path, text::printable(what),
                       what.ends_with('?') || what.ends_with('.') ? "" : ".", help);
}

} // namespace persais::cli
