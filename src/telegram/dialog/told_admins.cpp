#include "telegram/dialog/told_admins.hpp"

#include "service/money.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/methods.hpp"
#include "telegram/api/say.hpp"
#include "telegram/store/outbox.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

awaitable<std::vector<store::statement>> admins_hear(store::pool& db, std::vector<std::int64_t> admins,
                                                     std::string sentence) {
    std::vector<store::statement> all;
    for (const auto& admin : co_await find_people(db, std::move(admins))) {
        reader to{language_from(admin.language), true};
        auto words = in(to.tongue, sentence).value_or(sentence);
        auto body = send_message({admin.id, std::nullopt}, say(to, phrase::money_warning, {{"text", words}}), {});
        body.erase("chat_id");
        boost::json::object request{{"method", "sendMessage"}, {"body", std::move(body)}};
        all.push_back(add_outgoing(admin.id, 0, boost::json::serialize(request)));
    }
    co_return all;
}

awaitable<std::vector<store::statement>> admins_hear(store::pool& db, std::vector<std::int64_t> admins,
                                                     queue::budget_warning of) {
    auto all = co_await admins_hear(db, std::move(admins), service::warning_words(of));
    if (!all.empty()) all.push_back(queue::warning_told(of));
    co_return all;
}

} // namespace persais::telegram
