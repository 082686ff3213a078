#include "doctor/questions.hpp"

#include "base/url.hpp"
#include "git/scp_form.hpp"

namespace persais::doctor {

namespace {

constexpr question database[] = {
    {"DATABASE_URL", "Address of your PostgreSQL (postgresql://…); Enter: one of its own on this disk",
     "--database-url"},
};
constexpr question git[] = {
    {"GIT_REMOTE_URL", "Address of the repository (https, ssh or a path); Enter: named with each task",
     "--git-remote-url"},
    {"GIT_ACCESS_TOKEN", "Access token that may read and write it; Enter: none", "--git-access-token-file"},
    {"GIT_SSH_KEY", "File of the private ssh key that may read and write it; Enter: none", "--git-ssh-key-file", true},
};
constexpr question key[] = {
    {"OPENROUTER_API_KEY", "Key of OpenRouter (openrouter.ai/keys); Enter: later", "--openrouter-api-key-file"},
};
constexpr question model[] = {
    {"AIDER_MODEL", "Model, as the endpoint spells it; Enter: ~anthropic/claude-sonnet-latest", "--aider-model"},
};
constexpr question telegram[] = {
    {"TELEGRAM_BOT_TOKEN", "Token of your bot, from @BotFather; Enter: no chat", "--telegram-bot-token-file"},
    {"TELEGRAM_ADMIN_IDS", "Telegram ids of those who may deploy, commas between; Enter: none yet",
     "--telegram-admin-ids"},
};
constexpr topic all[] = {
    {"Database", aspect::database, database}, {"Repository", aspect::remote, git},
    {"Model key", aspect::model_key, key},    {"Model", aspect::model, model},
    {"Telegram", aspect::telegram, telegram},
};

} // namespace

std::span<const topic> topics() {
    return all;
}

bool applies(const question& q, std::string_view remote, bool has_bot) {
    auto url = cut_url(remote);
    bool web = url && lower_case(url->scheme).starts_with("http");
    bool ssh = url ? lower_case(url->scheme).contains("ssh") : persais::git::cut_scp_form(remote).has_value();
    if (q.name == "GIT_ACCESS_TOKEN") return web;
    if (q.name == "GIT_SSH_KEY") return ssh;
    if (q.name == "TELEGRAM_ADMIN_IDS") return has_bot;
    return true;
}

} // namespace persais::doctor
