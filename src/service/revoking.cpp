#include "service/revoking.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "forge/place.hpp"

#include <fmt/format.h>

namespace persais::service {

namespace {

struct pages {
    std::string tokens, keys, signing;
};

/// Where a person takes back what a remote's forge gave.
pages pages_of(const std::string& remote, const std::string& setting) {
    auto at = forge::place_of(remote, setting);
    if (!at) {
        auto where = told<"the host of {}", "хосте {}">(forge::short_name(remote));
        return {where, where, where};
    }
    auto host = at->web.substr(0, at->web.size() - at->path.size() - 1);
    switch (at->kind) {
    case forge::kind::github:
        return {host + "/settings/tokens", at->web + "/settings/keys", host + "/settings/keys"};
    case forge::kind::gitlab:
        return {host + "/-/user_settings/personal_access_tokens", at->web + "/-/settings/repository",
                host + "/-/user_settings/ssh_keys"};
    case forge::kind::gitea:
        break;
    }
    return {host + "/user/settings/applications", at->web + "/settings/keys", host + "/user/settings/keys"};
}

std::string model_page(const std::string& base) {
    auto cut = cut_url(base);
    auto host = cut ? std::string(cut->host) : base;
    return host == "openrouter.ai" ? "https://openrouter.ai/settings/keys" : host;
}

} // namespace

std::vector<std::string> to_revoke(const config::settings& s, const std::vector<queue::repository>& repositories) {
    std::vector<std::string> all;
    auto at = pages_of(s.git_remote_url, s.forge);
    if (!s.openrouter_api_key.empty())
        all.push_back(told<"OPENROUTER_API_KEY: the keys at {}", "OPENROUTER_API_KEY: ключи на {}">(
            model_page(s.openrouter_base_url)));
    if (!s.telegram_bot_token.empty())
        all.push_back(told<"TELEGRAM_BOT_TOKEN: /revoke, or /deletebot, at @BotFather",
                           "TELEGRAM_BOT_TOKEN: /revoke или /deletebot у @BotFather">());
    if (!s.git_access_token.empty())
        all.push_back(told<"GIT_ACCESS_TOKEN: the tokens at {}", "GIT_ACCESS_TOKEN: токены на {}">(at.tokens));
    if (!s.git_ssh_key.empty())
        all.push_back(told<"GIT_SSH_KEY: its public half at {}", "GIT_SSH_KEY: его открытая половина на {}">(at.keys));
    if (!s.github_app_id.empty())
        all.push_back(
            told<"GITHUB_APP_KEY: the App {} in the settings of its owner, under Developer settings, GitHub Apps",
                 "GITHUB_APP_KEY: приложение {} в настройках его владельца, Developer settings, GitHub Apps">(
                s.github_app_id));
    if (!s.git_signing_key.empty())
        all.push_back(told<"GIT_SIGNING_KEY: commits count as verified only while its public half stands at {}",
                           "GIT_SIGNING_KEY: коммиты считаются проверенными, только пока его открытая половина есть на "
                           "{}">(at.signing));
    for (const auto& one : repositories) {
        if (one.sealed_token)
            all.push_back(told<"the token of {}: the tokens at {}", "токен {}: токены на {}">(
                one.name, pages_of(one.remote, one.forge.value_or(s.forge)).tokens));
        for (const auto& variable : one.environment)
            all.push_back(
                told<"{} of {}, where it came from", "{} репозитория {} там, откуда он взят">(variable.name, one.name));
    }
    if (!s.database_url.empty())
        all.push_back(told<"DATABASE_URL: the role in the database", "DATABASE_URL: роль в базе данных">());
    if (s.backup_url.empty()) return all;
    all.push_back(told<"BACKUP_URL: its key, when nobody needs the backups any more; until then keep BACKUP_KEY",
                       "BACKUP_URL: его ключ, когда копии больше никому не нужны; до тех пор храните BACKUP_KEY">());
    return all;
}

} // namespace persais::service
