#include "telegram/dialog/spending.hpp"

#include "queue/overview.hpp"
#include "service/money.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/outbound/render_lists.hpp"

#include <spdlog/spdlog.h>

namespace persais::telegram {

awaitable<void> on_pause(update_context& t) {
    if (!service::may_pause(t.may)) {
        t.say(phrase::admin_only);
        co_return;
    }
    auto before = co_await queue::paused(t.with.db);
    auto now = co_await queue::overview_of(t.with.db);
    t.write(queue::begin_pause(std::to_string(t.who.id)));
    t.say(before ? phrase::pause_stands : phrase::pause_begun,
          {{"running", now.running}, {"queued", now.queued}, {"waiting", now.waiting}});
    t.then([&with = t.with, by = t.who.id] {
        spdlog::warn("all spending was paused by {}", by);
        if (with.spending_paused) with.spending_paused();
    });
}

awaitable<void> on_resume(update_context& t) {
    if (!service::may_pause(t.may)) {
        t.say(phrase::admin_only);
        co_return;
    }
    bool stands = (co_await queue::paused(t.with.db)).has_value();
    t.write(queue::end_pause(std::to_string(t.who.id)));
    t.say(stands ? phrase::pause_ended : phrase::pause_none);
    t.then([by = t.who.id] { spdlog::warn("spending goes on, by {}", by); });
}

awaitable<styled> money_left_words(update_context& t) {
    auto remote = remote_here(t);
    auto left =
        co_await service::money_left_for(t.with.db, t.with.settings, t.with.time.now(), std::to_string(t.who.id),
                                         remote.empty() ? "" : service::repository_key(remote));
    styled all;
    if (left.paused) all += plain("\n") + telegram::say(t.reads(), phrase::status_paused);
    for (const auto& each : left.lines) {
        auto whose = each.of.kind.empty()           ? telegram::say(t.tongue, phrase::money_everybody)
                     : each.of.kind == "repository" ? code(each.of.name)
                                                    : telegram::say(t.tongue, phrase::money_you);
        all += plain("\n") +
               telegram::say(t.tongue, each.month ? phrase::money_left_month : phrase::money_left_day,
                             {{"whose", whose}, {"left", money(each.left())}, {"budget", money(each.budget_usd)}});
    }
    co_return all;
}

} // namespace persais::telegram
