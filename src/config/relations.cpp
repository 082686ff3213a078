#include "config/relations.hpp"

#include "base/model_name.hpp"
#include "base/told.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

namespace persais::config {

std::vector<std::string> relate(settings& s,
                                const std::function<std::optional<std::string>(std::string_view)>& variable) {
    std::vector<std::string> errors;
    if (s.data.empty()) {
        auto share = variable("XDG_DATA_HOME");
        auto home = variable("HOME");
        if (share && share->starts_with('/'))
            s.data = std::filesystem::path(*share) / "persais";
        else if (home)
            s.data = std::filesystem::path(*home) / ".local/share/persais";
        else
            errors.push_back(told<"PERSAIS_DATA: must be set where there is no HOME",
                                  "PERSAIS_DATA: должно быть задано там, где нет HOME">());
    }
    for (auto* model : {&s.aider_model, &s.aider_weak_model})
        *model = plain_model(*model);
    if (s.aider_model.empty())
        errors.push_back(told<"AIDER_MODEL: names no model", "AIDER_MODEL: не называет модель">());
    for (auto* url : {&s.openrouter_base_url, &s.telegram_api_root, &s.public_url, &s.github_api_url, &s.gitlab_api_url,
                      &s.gitea_api_url, &s.transcribe_base_url})
        while (url->ends_with('/'))
            url->pop_back();
    if (s.allowed_user_ids.empty()) s.allowed_user_ids = s.telegram_admin_ids;
    if (s.model_price_prompt.has_value() != s.model_price_completion.has_value())
        errors.push_back(told<"{}: the two prices go together, and this one is not set",
                              "{}: две цены задаются вместе, а эта не задана">(
            s.model_price_prompt ? "MODEL_PRICE_COMPLETION" : "MODEL_PRICE_PROMPT"));
    if (!s.git_access_token.empty() && is_open_http(s.git_remote_url))
        errors.push_back(told<"GIT_REMOTE_URL: a token over http:// could be read on the way; use https://",
                              "GIT_REMOTE_URL: токен по http:// можно прочитать в пути; возьмите https://">());
    if (s.github_app_id.empty() != s.github_app_key.empty())
        errors.push_back(told<"{}: GITHUB_APP_ID and GITHUB_APP_KEY go together, and this one is not set",
                              "{}: GITHUB_APP_ID и GITHUB_APP_KEY задаются вместе, а эта переменная не задана">(
            s.github_app_id.empty() ? "GITHUB_APP_ID" : "GITHUB_APP_KEY"));
    if (!s.github_app_id.empty() && is_open_http(s.git_remote_url))
        errors.push_back(
            told<"GIT_REMOTE_URL: an App's token over http:// could be read on the way; use https://",
                 "GIT_REMOTE_URL: токен приложения по http:// можно прочитать в пути; возьмите https://">());
    if (s.unsafe && s.app_env == mode::production) {
        s.unsafe = false;
        s.notes.push_back(
            told<"PERSAIS_UNSAFE has no effect in production", "PERSAIS_UNSAFE в production не действует">());
    }
    return errors;
}

std::vector<std::string> missing(const settings& s) {
    std::vector<std::string> lines;
    if (s.openrouter_api_key.empty())
        lines.push_back(told<"OPENROUTER_API_KEY is not set: tasks wait for it.",
                             "OPENROUTER_API_KEY не задан: задачи ждут его.">());
    if (s.git_remote_url.empty())
        lines.push_back(
            told<
                "GIT_REMOTE_URL is not set: each task has to name its repository (--repo, or /repo in the chat).",
                "GIT_REMOTE_URL не задан: каждая задача должна назвать свой репозиторий (--repo или /repo в чате).">());
    return lines;
}

} // namespace persais::config
