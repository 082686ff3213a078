#include "base/limits.hpp"
#include "config/checks.hpp"
#include "config/dotenv.hpp"
#include "config/read_file.hpp"
#include "config/settings.hpp"
#include "config/store_value.hpp"
#include "config/table.hpp"
#include "config/text.hpp"

#include <algorithm>
#include <set>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::config {

namespace {

/// Gathers everything that is wrong, so that a person mends it in one go.
class reader {
public:
    reader(environment variables, std::filesystem::path folder)
        : variables_(std::move(variables)), folder_(std::filesystem::absolute(folder)) {}

    result<settings, std::vector<std::string>> read() {
        cut_comments();
        add_dotenv();
        refuse_unknown();
        for (const auto& each : table())
            take(each);
        if (errors_.empty()) finish();
        if (!errors_.empty()) return std::unexpected(std::move(errors_));
        return std::move(made_);
    }

private:
    /// Container runtimes pass a line's comment in with its value. A shell command may hold a # of its own, and the
    /// shell that runs it knows comments.
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
        auto path = folder_ / ".env";
        if (std::error_code ignored; !std::filesystem::exists(path, ignored)) return;
        auto text = read_file(path, limits::settings_file_bytes);
        if (!text) {
            errors_.push_back(fmt::format("{}: {}", path.string(), text.error()));
            return;
        }
        auto read = read_dotenv(*text);
        for (const auto& error : read.errors)
            errors_.push_back(fmt::format("{}: {}", path.string(), error));
        variables_.merge(read.variables); // existing ones win
    }

    void refuse_unknown() {
        std::set<std::string> known;
        for (const auto& each : table()) {
            known.emplace(each.name);
            if (is_secret(each)) known.insert(fmt::format("{}_FILE", each.name));
        }
        for (const auto& [name, value] : variables_)
            if (name.starts_with("PERSAIS_") && !known.contains(name))
                errors_.push_back(fmt::format("{}: there is no such setting", name));
    }

    /// Not set and set to nothing are the same: compose files pass empty variables.
    std::optional<std::string> variable(std::string_view name) const {
        auto found = variables_.find(std::string(name));
        if (found == variables_.end() || trim(found->second).empty()) return std::nullopt;
        return std::string(trim(found->second));
    }

    void take(const row& each) {
        auto name = std::string(each.name);
        auto value = variable(name);
        if (!value && !each.alias.empty() && (value = variable(each.alias))) name = each.alias;
        if (is_secret(each))
            if (auto path = variable(fmt::format("{}_FILE", each.name))) {
                name = fmt::format("{}_FILE", each.name);
                auto text = read_file(absolute(*path), limits::settings_file_bytes);
                if (text && trim(*text).empty()) text = fail("is empty");
                if (!text) {
                    errors_.push_back(fmt::format("{}: {}: {}", name, shorten(*path), text.error()));
                    return;
                }
                value = trim(*text);
            }
        if (!value && each.standard.empty()) return;
        auto text = value ? *value : std::string(each.standard);
        if (std::holds_alternative<folder>(each.is) || std::holds_alternative<file>(each.is))
            text = absolute(text).string();
        if (auto wrong = store_value(made_, each, text); !wrong.empty())
            errors_.push_back(fmt::format("{}: {}", name, wrong));
    }

    std::filesystem::path absolute(const std::string& path) const {
        if (path.starts_with("~/"))
            if (auto home = variable("HOME")) return (std::filesystem::path(*home) / path.substr(2)).lexically_normal();
        return (folder_ / path).lexically_normal();
    }

    /// What one value alone does not show.
    void finish() {
        auto& s = made_;
        if (s.data.empty()) {
            auto share = variable("XDG_DATA_HOME");
            auto home = variable("HOME");
            if (share && share->starts_with('/'))
                s.data = std::filesystem::path(*share) / "persais";
            else if (home)
                s.data = std::filesystem::path(*home) / ".local/share/persais";
            else
                errors_.push_back("PERSAIS_DATA: must be set where there is no HOME");
        }
        for (auto* model : {&s.aider_model, &s.aider_weak_model})
            if (model->starts_with("openrouter/")) model->erase(0, std::string_view("openrouter/").size());
        if (s.aider_model.empty()) errors_.push_back("AIDER_MODEL: names no model");
        for (auto* url : {&s.openrouter_base_url, &s.telegram_api_root, &s.public_url, &s.github_api_url,
                          &s.gitlab_api_url, &s.gitea_api_url, &s.transcribe_base_url})
            while (url->ends_with('/'))
                url->pop_back();
        if (s.allowed_user_ids.empty()) s.allowed_user_ids = s.telegram_admin_ids;
        if (s.model_price_prompt.has_value() != s.model_price_completion.has_value())
            errors_.push_back(fmt::format("{}: the two prices go together, and this one is not set",
                                          s.model_price_prompt ? "MODEL_PRICE_COMPLETION" : "MODEL_PRICE_PROMPT"));
        if (!s.git_access_token.empty() && is_open_http(s.git_remote_url))
            errors_.push_back("GIT_REMOTE_URL: a token over http:// could be read on the way; use https://");
        if (s.unsafe && s.app_env == mode::production) {
            s.unsafe = false;
            s.notes.push_back("PERSAIS_UNSAFE has no effect in production");
        }
    }

    environment variables_;
    std::filesystem::path folder_;
    settings made_;
    std::vector<std::string> errors_;
};

} // namespace

result<settings, std::vector<std::string>> load(environment variables, const std::filesystem::path& folder) {
    return reader(std::move(variables), folder).read();
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
