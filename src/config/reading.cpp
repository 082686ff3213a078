#include "config/reading.hpp"

#include "base/limits.hpp"
#include "base/nearest.hpp"
#include "base/told.hpp"
#include "config/dotenv.hpp"
#include "config/example.hpp"
#include "config/read_file.hpp"
#include "config/relations.hpp"
#include "config/store_value.hpp"
#include "config/table.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::config {

namespace {

std::string store_text(settings& made, const row& each, const std::string& text) {
    if (!persais::text::valid_utf8(text) || text.find('\0') != text.npos)
        return told<"is no UTF-8 text", "это не текст в UTF-8">();
    return store_value(made, each, text);
}

std::string store_secret(settings& made, const row& each, const secret& value) {
    return store_text(made, each, std::string(trim(value.reveal())));
}

/// Collects all errors, so that a person can fix them in one go.
class reader {
public:
    reader(environment variables, const std::filesystem::path& folder, const secrets_by_name& run_time)
        : variables_(std::move(variables)), run_time_(run_time), folder_(std::filesystem::absolute(folder)),
          env_file_(folder_ / ".env") {}

    reading read() {
        cut_comments();
        add_dotenv();
        tell_unknown();
        for (const auto& each : table())
            take(each);
        if (errors_.empty()) errors_ = relate(made_, [this](std::string_view name) { return variable(name); });
        made_.files = files_;
        reading all{.made = std::move(made_), .origins = std::move(origins_), .files = std::move(files_)};
        if (!errors_.empty()) all.made = std::unexpected(std::move(errors_));
        return all;
    }

private:
    /// Container runtimes pass the comment of a line together with its value. A shell command may contain a # of its
    /// own, and the shell that runs it handles comments.
    void cut_comments() {
        for (const auto& each : table()) {
            if (std::holds_alternative<command>(each.is)) continue;
            for (const auto& name :
                 {std::string(each.name), std::string(each.alias), fmt::format("{}_FILE", each.name)})
                if (auto found = variables_.find(name); found != variables_.end())
                    found->second = std::string(without_comment(found->second));
        }
    }

    void add_dotenv() {
        files_.push_back(env_file_);
        if (std::error_code ignored; !std::filesystem::exists(env_file_, ignored)) return;
        auto text = read_file(env_file_, limits::settings_file_bytes);
        if (!text) {
            errors_.push_back(fmt::format("{}: {}", env_file_.string(), text.error()));
            return;
        }
        auto read = read_dotenv(*text);
        for (const auto& error : read.errors)
            errors_.push_back(fmt::format("{}: {}", env_file_.string(), error));
        for (const auto& [name, line] : read.lines)
            if (!variables_.contains(name)) lines_.emplace(name, line);
        variables_.merge(read.variables); // existing ones win
    }

    /// A name of ours that is unknown is an error. Of the other names in .env, which another program may read, only a
    /// note is made. A name that goes on after one of ours (DATABASE_URL_UNPOOLED) is no slip of the keys.
    void tell_unknown() {
        std::vector<std::string> known, others;
        for (const auto& each : table()) {
            known.emplace_back(each.name);
            if (is_secret(each)) known.push_back(fmt::format("{}_FILE", each.name));
            if (!each.alias.empty()) known.emplace_back(each.alias);
        }
        for (const auto& [name, value] : variables_) {
            if (std::ranges::find(known, name) != known.end()) continue;
            auto line = lines_.find(name);
            bool ours = name.starts_with("PERSAIS_");
            if (!ours && line == lines_.end()) continue;
            bool extends = std::ranges::any_of(known, [&](const auto& each) { return name.starts_with(each + "_"); });
            auto meant = extends ? std::string() : persais::text::did_you_mean(name, known);
            if (ours)
                errors_.push_back(
                    told<"{}: there is no such setting{}", "{}: такой настройки нет{}">(shorten(name), meant));
            else if (!meant.empty())
                made_.notes.push_back(
                    told<".env line {}: there is no setting {}{}", ".env, строка {}: нет настройки {}{}">(
                        line->second, shorten(name), meant));
            else
                others.push_back(name);
        }
        if (!others.empty())
            made_.notes.push_back(told<".env has names that are no settings of Persais: {}",
                                       "В .env есть имена, которые не являются настройками Persais: {}">(
                shorten(fmt::format("{}", fmt::join(others, ", ")))));
    }

    /// What in the value is still an example of ours counts as not given.
    void drop_example(const row& each, std::string_view name, std::optional<std::string>& value, origin& from) {
        if (!value) return;
        auto own = without_example(each, *value);
        if (own.example.empty()) return;
        made_.notes.push_back(fmt::format("{}: {}", name, example_words(own)));
        value = std::move(own.rest);
        if (!value->empty()) return;
        value.reset();
        from = {};
    }

    /// Not set and set to an empty text are the same, because compose files pass empty variables.
    std::optional<std::string> variable(std::string_view name) const {
        auto found = variables_.find(std::string(name));
        if (found == variables_.end() || trim(found->second).empty()) return std::nullopt;
        return std::string(trim(found->second));
    }

    origin origin_of(const std::string& name) const {
        auto line = lines_.find(name);
        if (line == lines_.end()) return {.where = origin::from::environment, .variable = name};
        return {.where = origin::from::env_file, .variable = name, .path = env_file_, .line = line->second};
    }

    /// A secret that was set at run time needs nothing of its file, but the file is still hidden from tasks.
    bool take_run_time(const row& each, origin& from) {
        auto set = run_time_.find(std::string(each.name));
        if (set == run_time_.end() || !is_secret(each)) return false;
        if (auto wrong = store_secret(made_, each, set->second); !wrong.empty()) { // another version took it
            made_.notes.push_back(told<"{}: what was set at run time {}, so it does not count",
                                       "{}: заданное во время работы {}, поэтому не считается">(each.name, wrong));
            return false;
        }
        from = {.where = origin::from::run_time};
        if (auto path = variable(fmt::format("{}_FILE", each.name))) files_.push_back(absolute(*path));
        return true;
    }

    void take(const row& each) {
        auto& from = origins_.emplace_back();
        if (take_run_time(each, from)) return;
        auto name = std::string(each.name);
        auto value = variable(name);
        if (!value && !each.alias.empty() && (value = variable(each.alias))) name = each.alias;
        if (value) from = origin_of(name);
        if (is_secret(each))
            if (auto path = variable(fmt::format("{}_FILE", each.name))) {
                name = fmt::format("{}_FILE", each.name);
                from = {.where = origin::from::secret_file,
                        .variable = name,
                        .path = absolute(*path),
                        .line = origin_of(name).line};
                files_.push_back(from.path);
                auto text = read_file(from.path, limits::settings_file_bytes);
                if (text && trim(*text).empty()) text = fail(told<"is empty", "пусто">());
                if (!text) {
                    errors_.push_back(fmt::format("{}: {}: {}", name, shorten(*path), text.error()));
                    return;
                }
                value = trim(*text);
            }
        drop_example(each, name, value, from);
        if (value && !each.read)
            made_.notes.push_back(told<"{} has no effect yet: it is read from a later version on",
                                       "{} пока не действует: эта настройка читается только в будущих версиях">(name));
        if (!value && each.standard.empty()) return;
        auto text = value ? *value : std::string(each.standard);
        if (std::holds_alternative<folder>(each.is) || std::holds_alternative<file>(each.is))
            text = absolute(text).string();
        if (auto wrong = store_text(made_, each, text); !wrong.empty())
            errors_.push_back(fmt::format("{}: {}", name, wrong));
    }

    std::filesystem::path absolute(const std::string& path) const {
        if (path.starts_with("~/"))
            if (auto home = variable("HOME")) return (std::filesystem::path(*home) / path.substr(2)).lexically_normal();
        return (folder_ / path).lexically_normal();
    }

    environment variables_;
    const secrets_by_name& run_time_;
    std::map<std::string, int> lines_; // of .env, for the variables that came from it
    std::filesystem::path folder_;
    std::filesystem::path env_file_;
    settings made_;
    std::vector<origin> origins_;
    std::vector<std::filesystem::path> files_;
    std::vector<std::string> errors_;
};

} // namespace

std::string origin::words() const {
    switch (where) {
    case from::standard:
        return "default";
    case from::environment:
        return fmt::format("environment {}", variable);
    case from::env_file:
        return fmt::format(".env line {}, {}", line, variable);
    case from::secret_file:
        return fmt::format("file {} ({}{})", path.string(), variable,
                           line > 0 ? fmt::format(", .env line {}", line) : "");
    case from::run_time:
        return "set at run time";
    }
    return {};
}

std::string wrong_with(const row& of, const secret& value) {
    if (trim(value.reveal()).empty()) return told<"is empty", "пусто">();
    settings tried;
    return store_secret(tried, of, value);
}

reading read(environment variables, const std::filesystem::path& folder, const secrets_by_name& run_time) {
    return reader(std::move(variables), folder, run_time).read();
}

result<settings, std::vector<std::string>> load(environment variables, const std::filesystem::path& folder) {
    return read(std::move(variables), folder).made;
}

std::vector<std::filesystem::path> hidden_from_tasks(const settings& of) {
    std::vector<std::filesystem::path> all{of.data};
    all.insert(all.end(), of.files.begin(), of.files.end());
    return all;
}

environment process_environment() {
    environment all;
    for (char** each = environ; each && *each; ++each) {
        std::string_view text(*each);
        if (auto equals = text.find('='); equals != text.npos)
            all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

} // namespace persais::config
