#include "doctor/draft.hpp"

#include "base/limits.hpp"
#include "base/told.hpp"
#include "config/example.hpp"
#include "config/read_file.hpp"
#include "config/store_value.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace persais::doctor {

namespace fs = std::filesystem;

namespace {

std::string in(const std::map<std::string, std::string>& all, const std::string& name) {
    auto found = all.find(name);
    return found == all.end() ? "" : std::string(config::trim(config::without_comment(found->second)));
}

std::string file_name_of(std::string_view name) {
    return fmt::format("{}_FILE", name);
}

std::string form_of(std::string_view name, const std::string& value) {
    config::settings nowhere;
    if (auto wrong = config::store_value(nowhere, row_of(name), value); !wrong.empty()) return wrong;
    return config::example_words(config::without_example(row_of(name), value));
}

} // namespace

const config::row& row_of(std::string_view name) {
    auto all = config::table();
    auto found = std::ranges::find(all, name, &config::row::name);
    if (found == all.end()) throw std::logic_error(told<"there is no setting {}", "нет настройки {}">(name));
    return *found;
}

result<draft> draft::open(fs::path folder, config::environment variables) {
    draft d;
    d.file_ = std::move(folder) / ".env";
    d.variables_ = std::move(variables);
    std::error_code ec;
    if (!fs::exists(d.file_, ec)) return d;
    auto text = config::read_file(d.file_, limits::settings_file_bytes);
    if (!text) return fail(fmt::format("{}: {}", d.file_.string(), text.error()));
    d.text_ = std::move(*text);
    d.read_ = config::read_dotenv(d.text_);
    if (!d.read_.errors.empty()) return fail(fmt::format("{}: {}", d.file_.string(), d.read_.errors.front()));
    return d;
}

std::string draft::value(std::string_view name) const {
    std::string key(name);
    if (auto found = answers_.find(key); found != answers_.end()) return found->second;
    if (auto set = in(variables_, key); !set.empty()) return set;
    // Inside the quotes of .env "#" begins no comment.
    auto found = variables_.contains(key) ? read_.variables.end() : read_.variables.find(key);
    return found == read_.variables.end() ? "" : std::string(config::trim(found->second));
}

std::string draft::wrong(std::string_view name) const {
    auto set = value(name);
    return set.empty() ? "" : form_of(name, set);
}

bool draft::has(std::string_view name) const {
    if (answered(name)) return !value(name).empty();
    auto file = file_name_of(name);
    if (config::is_secret(row_of(name)) && (!in(variables_, file).empty() || !in(read_.variables, file).empty()))
        return true;
    return !value(name).empty() && wrong(name).empty();
}

std::string draft::answer(std::string_view name, std::string value) {
    if (!value.empty())
        if (auto trouble = form_of(name, value); !trouble.empty()) return fmt::format("{}: {}", name, trouble);
    answers_.insert_or_assign(std::string(name), std::move(value));
    return {};
}

result<config::settings, std::vector<std::string>> draft::settings(const std::vector<std::string_view>& asked) const {
    auto all = variables_;
    // An empty variable counts as not set, and the environment takes precedence over .env.
    for (auto name : asked)
        if (!answered(name) && !wrong(name).empty()) all.insert_or_assign(std::string(name), "");
    for (const auto& [name, value] : answers_) {
        all.insert_or_assign(name, value);
        if (config::is_secret(row_of(name))) all.insert_or_assign(file_name_of(name), "");
    }
    return config::load(std::move(all), file_.parent_path());
}

std::vector<env_edit> draft::edits() const {
    std::vector<env_edit> all;
    for (const auto& [name, value] : answers_) {
        auto stands = read_.variables.find(name);
        auto file = file_name_of(name);
        bool by_file = read_.variables.contains(file) && config::is_secret(row_of(name));
        if (value.empty()) {
            if (stands != read_.variables.end()) all.push_back({name, std::nullopt});
        } else if (stands == read_.variables.end() || stands->second != value) {
            all.push_back({name, value});
        }
        if (by_file) all.push_back({file, std::nullopt});
    }
    return all;
}

result<fs::path> draft::write() const {
    auto before = text_.empty() ? "# Settings of Persais; `persais config check` shows them all.\n" : text_;
    if (auto written = write_env_file(file_, edited(before, edits())); !written) return fail(written.error());
    return file_;
}

std::vector<std::string> draft::overruled() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : answers_)
        if (auto set = in(variables_, name); !set.empty() && set != value) names.push_back(name);
    return names;
}

} // namespace persais::doctor
