#include "app/after_restore.hpp"
#include "app/limits.hpp"
#include "queue/restored.hpp"
#include "telegram/api/methods.hpp"
#include "telegram/api/say.hpp"
#include "telegram/store/outbox.hpp"
#include "telegram/store/people.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/chrono.h>

namespace persais::app {

namespace {

using telegram::phrase;

store::statement message_to(std::int64_t chat, std::int64_t topic, const telegram::styled& text) {
    auto body = telegram::send_message({chat, std::nullopt}, text, {});
    body.erase("chat_id"); // the sender knows where the chat is by then
    boost::json::object request{{"method", "sendMessage"}, {"body", std::move(body)}};
    return telegram::add_outgoing(chat, topic, boost::json::serialize(request));
}

std::string minute(time_point at) {
    return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

telegram::styled restored_words(const std::string& language, const restored& done) {
    auto to = telegram::language_from(language);
    auto text = telegram::say(to, phrase::restored, {{"time", minute(done.what.made)}});
    if (done.parked.empty()) return text;
    std::string tasks;
    for (auto id : done.parked)
        tasks += (tasks.empty() ? "" : ", ") + id.str();
    return text + telegram::plain("\n") + telegram::say(to, phrase::restored_parked, {{"tasks", tasks}});
}

} // namespace

awaitable<int> tell_chats(store::pool& db, const restored& done) {
    std::vector<store::statement> all;
    for (const auto& chat : co_await queue::active_chats(db, limits::active_chat_days))
        all.push_back(message_to(chat.chat, chat.topic, restored_words(chat.language, done)));
    auto count = static_cast<int>(all.size());
    if (count > 0) co_await db.transact(std::move(all));
    co_return count;
}

awaitable<void> tell_admins_of_old_backups(store::pool& db, const config::settings& settings) {
    auto admins = settings.telegram_admin_ids;
    for (auto id : (co_await telegram::load_rights(db)).paired)
        if (std::ranges::find(admins, id) == admins.end()) admins.push_back(id);
    if (admins.empty()) co_return;
    auto known = co_await telegram::find_people(db, admins);
    std::vector<store::statement> all;
    for (auto id : admins) {
        auto found = std::ranges::find(known, id, &telegram::known_person::id);
        telegram::reader to{telegram::language_from(found == known.end() ? "" : found->language), true};
        all.push_back(message_to(id, 0, telegram::say(to, phrase::backups_are_old)));
    }
    co_await db.transact(std::move(all));
}

} // namespace persais::app
