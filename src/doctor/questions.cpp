#include "doctor/questions.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "git/scp_form.hpp"

namespace persais::doctor {

namespace {

constexpr question database[] = {
    {"DATABASE_URL",
     told_view<"Address of your PostgreSQL (postgresql://…); Enter: one of its own on this disk",
               "Адрес вашего PostgreSQL (postgresql://…); Enter: собственный, на этом диске">(),
     "--database-url"},
};
constexpr question git[] = {
    {"GIT_REMOTE_URL",
     told_view<"Address of the repository (https, ssh or a path); Enter: named with each task",
               "Адрес репозитория (https, ssh или путь); Enter: называется в каждой задаче">(),
     "--git-remote-url"},
    {"GIT_ACCESS_TOKEN",
     told_view<"Access token that may read and write it; Enter: none",
               "Токен доступа с правом чтения и записи; Enter: без токена">(),
     "--git-access-token-file"},
    {"GIT_SSH_KEY",
     told_view<"File of the private ssh key that may read and write it; Enter: none",
               "Файл закрытого ключа ssh с правом чтения и записи; Enter: без ключа">(),
     "--git-ssh-key-file", true},
};
constexpr question key[] = {
    {"OPENROUTER_API_KEY",
     told_view<"Key of OpenRouter (openrouter.ai/keys); Enter: later",
               "Ключ OpenRouter (openrouter.ai/keys); Enter: позже">(),
     "--openrouter-api-key-file"},
};
constexpr question model[] = {
    {"AIDER_MODEL",
     told_view<"Model, as the endpoint spells it; Enter: ~anthropic/claude-sonnet-latest",
               "Модель, как её называет поставщик; Enter: ~anthropic/claude-sonnet-latest">(),
     "--aider-model"},
};
constexpr question telegram[] = {
    {"TELEGRAM_BOT_TOKEN",
     told_view<"Token of your bot, from @BotFather; Enter: no chat",
               "Токен вашего бота от @BotFather; Enter: без чата">(),
     "--telegram-bot-token-file"},
    {"TELEGRAM_ADMIN_IDS",
     told_view<"Telegram ids of those who may deploy, commas between; Enter: none yet",
               "Номера Telegram тех, кому можно развёртывать, через запятую; Enter: пока никого">(),
     "--telegram-admin-ids"},
};
constexpr topic all[] = {
    {told_view<"Database", "База данных">(), aspect::database, database},
    {told_view<"Repository", "Репозиторий">(), aspect::remote, git},
    {told_view<"Model key", "Ключ к модели">(), aspect::model_key, key},
    {told_view<"Model", "Модель">(), aspect::model, model},
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
