#include "base/json.hpp"
#include "cli/commands.hpp"
#include "cli/in_force.hpp"
#include "cli/tongue.hpp"
#include "config/reading.hpp"
#include "config/row_value.hpp"

#include <memory>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

std::string_view word(config::origin::from where) {
    switch (where) {
    case config::origin::from::standard:
        return "default";
    case config::origin::from::environment:
        return "environment";
    case config::origin::from::env_file:
        return "env_file";
    case config::origin::from::secret_file:
        return "secret_file";
    case config::origin::from::run_time:
        return "run_time";
    }
    return "";
}

std::string plain(std::string_view words) {
    std::string out(words);
    std::erase(out, '`');
    return out;
}

void print_text(const config::settings& made, const std::vector<config::origin>& origins) {
    const config::row* last = nullptr;
    for (std::size_t i = 0; i < origins.size(); ++i) {
        const auto& each = config::table()[i];
        if (!last || last->in != each.in) fmt::print("{}{}:\n", last ? "\n" : "", in_tongue(config::title(each.in)));
        last = &each;
        auto value = config::shown_value(each, made);
        if (value.empty()) value = said<"not set: {}", "не задано: {}">(plain(in_tongue(each.otherwise)));
        fmt::print("  {:<24} {}  [{}{}]\n", each.name, value, in_tongue(origins[i].words()),
                   each.read ? "" : said<"; read from a later version on", "; читается только в будущих версиях">());
    }
}

void print_json(const config::settings& made, const std::vector<config::origin>& origins) {
    for (std::size_t i = 0; i < origins.size(); ++i) {
        const auto& each = config::table()[i];
        const auto& from = origins[i];
        auto value = config::shown_value(each, made);
        boost::json::object line{{"event", "setting"}, {"name", each.name}, {"source", word(from.where)}};
        line["value"] = value.empty() ? boost::json::value() : boost::json::value(value);
        if (!from.variable.empty()) line["variable"] = from.variable;
        if (!from.path.empty()) line["path"] = from.path.string();
        if (from.line > 0) line["line"] = from.line;
        line["secret"] = config::is_secret(each);
        line["live"] = each.live;
        line["read"] = each.read;
        fmt::print("{}\n", to_text(line));
    }
}

/// Whether .env, which holds secrets, can be read by other users of this machine.
bool is_open_to_others(const std::filesystem::path& env_file, const std::vector<config::origin>& origins) {
    bool holds_secret = false;
    for (std::size_t i = 0; i < origins.size(); ++i)
        holds_secret |= config::is_secret(config::table()[i]) && origins[i].where == config::origin::from::env_file;
    struct stat facts{};
    return holds_secret && ::stat(env_file.c_str(), &facts) == 0 && (facts.st_mode & (S_IRGRP | S_IROTH));
}

void print_line(bool json, std::string_view event, std::string_view words) {
    if (json)
        fmt::print("{}\n", to_text(boost::json::object{{"event", event}, {"text", words}}));
    else if (event == "error")
        fmt::print(stderr, "persais: {}\n", in_tongue(words));
    else
        fmt::print("{}", said<"\nNote: {}\n", "\nК сведению: {}\n">(in_tongue(words)));
}

int check(bool json) {
    auto [all, unknown] = read_in_force();
    if (!all.made) {
        for (const auto& error : all.made.error())
            print_line(json, "error", error);
        return 2;
    }
    json ? print_json(*all.made, all.origins) : print_text(*all.made, all.origins);
    auto notes = all.made->notes;
    notes.insert(notes.end(), unknown.begin(), unknown.end());
    if (const auto& env_file = all.files.front(); is_open_to_others(env_file, all.origins))
        notes.push_back(
            told<"{0} holds secrets and other users of this machine can read it: chmod 600 {0}",
                 "В {0} лежат секреты, а прочитать этот файл могут и другие пользователи машины: chmod 600 {0}">(
                env_file.string()));
    for (const auto& note : notes)
        print_line(json, "note", note);
    return 0;
}

} // namespace

void add_config(CLI::App& app, int& exit_code) {
    auto* config = app.add_subcommand("config", said<"the settings", "настройки">());
    config->require_subcommand(0, 1);
    config->callback([config, &exit_code] {
        if (!config->get_subcommands().empty()) return;
        fmt::print(stderr, "{}", config->help("persais"));
        exit_code = 2;
    });
    auto* command = config->add_subcommand(
        "check", said<"every setting, its value and where it came from; secrets are not shown",
                      "каждая настройка, её значение и откуда оно взято; секреты не показываются">());
    auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, said<"one JSON object a line", "по объекту JSON на строку">());
    command->callback([json, &exit_code] { exit_code = check(*json); });
}

} // namespace persais::cli
