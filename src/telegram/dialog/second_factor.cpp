#include "telegram/dialog/second_factor.hpp"

#include "base/totp.hpp"
#include "queue/limits.hpp"
#include "service/second_factor.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/outbound/render_lists.hpp"
#include "telegram/store/outbox.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

namespace {

service::second_factors factors_of(const update_context& t) {
    return {t.with.db, t.with.sealing(), t.with.time};
}

phrase refused_code(service::refusal::reason why) {
    using enum service::refusal::reason;
    if (why == factor_pause) return phrase::factor_pause;
    if (why == no_factor) return phrase::factor_unreadable;
    return phrase::factor_wrong;
}

} // namespace

awaitable<void> on_second_factor(update_context& t) {
    if (!t.alone) {
        t.say(phrase::factor_private);
        co_return;
    }
    auto me = std::to_string(t.who.id);
    // Decided again after a crash, it is another secret, and the earlier one was never shown.
    auto made = co_await factors_of(t).begin(me);
    if (!made) {
        t.say(phrase::factor_there, {{"id", me}});
        co_return;
    }
    auto account = one_line(t.who.first_name, 30) + " " + me;
    t.send_sealed(telegram::say(t.reads(), phrase::factor_secret,
                                {{"link", code(totp::url_of(*made, "Persais", account).reveal())},
                                 {"secret", code(totp::as_typed(*made).reveal())}}),
                  {{t.button(phrase::button_hide, {"dialog", "hide_factor"})}});
}

std::string hide_factor(update_context& t) {
    auto body = edit_message_text(t.where.chat, t.message, telegram::say(t.reads(), phrase::factor_hidden), {});
    body.erase("chat_id");
    boost::json::object request{{"method", "editMessageText"}, {"body", std::move(body)}};
    t.write(telegram::add_outgoing(t.where.chat, t.where.topic, boost::json::serialize(request)));
    return "";
}

awaitable<bool> take_code(update_context& t, std::string text) {
    if (!totp::looks_like_a_code(text)) co_return false;
    auto me = std::to_string(t.who.id);
    auto factors = factors_of(t);
    auto before = co_await factors.of(me);
    if (before == queue::factor_state::none && t.with.settings.deploy_second_factor != "totp") co_return false;
    t.out.name = "answer";
    t.take_back();
    if (before == queue::factor_state::none) {
        t.say(phrase::factor_none);
        co_return true;
    }
    auto right = co_await factors.prove(me, secret(std::move(text)));
    if (!right)
        t.say(refused_code(right.error().why), {{"id", me}, {"n", std::chrono::minutes(limits::factor_pause).count()}});
    else if (before == queue::factor_state::given)
        t.say(phrase::factor_done);
    else
        t.say(phrase::factor_right, {{"time", span(t.tongue, std::chrono::duration_cast<std::chrono::seconds>(
                                                                 t.with.settings.deploy_second_factor_window))}});
    co_return true;
}

} // namespace persais::telegram
