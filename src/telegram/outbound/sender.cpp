#include "telegram/outbound/sender.hpp"

#include "base/encoding.hpp"
#include "telegram/outbound/limits.hpp"

#include <algorithm>
#include <iterator>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace json = boost::json;

namespace {

/// A request of the outbox, parsed, with its chat and topic.
struct letter {
    std::string method, body;
    json::object remember;
    std::optional<upload> file;
    bool sealed = false;
};

/// Throws std::exception when it cannot be read.
letter letter_of(const telegram::unsent& o, const std::string& request, const message_opener& open) {
    auto parsed = json::parse(request);
    auto& all = parsed.as_object();
    letter l{.method = std::string(all.at("method").as_string()), .body = {}, .remember = {}, .file = {}};
    if (auto* sealed = all.if_contains("sealed")) {
        auto opened = open ? open(from_hex(sealed->as_string())) : std::nullopt;
        if (!opened) throw std::runtime_error("it was sealed with another PERSAIS_MASTER_KEY");
        all["body"] = json::parse(opened->reveal());
        l.sealed = true;
    }
    auto body = all.at("body").as_object();
    body["chat_id"] = o.chat;
    if (o.topic != 0 && l.method.starts_with("send")) body["message_thread_id"] = o.topic;
    l.body = json::serialize(body);
    if (auto* r = all.if_contains("remember"); r && r->is_object()) l.remember = r->get_object();
    if (auto* f = all.if_contains("file"); f && f->is_object()) {
        auto& file = f->get_object();
        l.file = upload{.field = "document",
                        .file_name = std::string(file.at("name").as_string()),
                        .bytes = from_hex(file.at("hex").as_string())};
    }
    return l;
}

/// Which task the message belongs to, so that a reply to it and its next edit find it.
std::vector<store::statement> remembered(std::int64_t chat, std::int64_t message, const json::object& r) {
    std::vector<store::statement> all;
    if (!r.contains("task")) return all;
    auto task = std::to_string(r.at("task").to_number<std::int64_t>());
    all.push_back(
        {"insert into message_tasks (chat_id, message_id, task_id) values ($1, $2, $3) on conflict do nothing",
         {std::to_string(chat), std::to_string(message), task}});
    if (auto* kind = r.if_contains("kind"); kind && kind->is_string() && kind->get_string() == "progress")
        all.push_back({"update task_messages set message_id = $3 where task_id = $1 and turn = $2",
                       {task, std::to_string(r.at("turn").to_number<int>()), std::to_string(message)}});
    return all;
}

/// The statement can never succeed: data, constraints, syntax. Any other error may pass.
bool is_our_mistake(const store::db_error& e) {
    return e.sqlstate.starts_with("22") || e.sqlstate.starts_with("23") || e.sqlstate.starts_with("42");
}

} // namespace

awaitable<bool> follow_place(store::pool& db, const delivery& d, std::optional<task_id> telling) {
    if (d.how == delivery::kind::moved)
        co_await telegram::move_chat(db, d.tried.chat, d.moved_to);
    else if (d.how == delivery::kind::topic_gone)
        co_await telegram::leave_topic(db, d.tried.chat, d.tried.topic.value_or(0), d.why, telling);
    else
        co_return false;
    co_return true;
}

awaitable<void> give_up_chat(store::pool& db, const delivery& d) {
    int n = co_await telegram::close_chat(db, d.tried.chat, d.why);
    spdlog::info("a chat is gone ({}): {} message{} not sent", d.why, n, n == 1 ? " was" : "s were");
}

void sender::wake() {
    if (news_) news_->set();
}

/// `also` collects what is to be stored when it is sent.
awaitable<delivery> sender::send_one(const telegram::unsent& what, std::string request,
                                     std::vector<store::statement>& also) { // both live in the caller's frame
    auto l = letter_of(what, request, open_);
    place to{.chat = what.chat, .topic = what.topic == 0 ? std::nullopt : std::optional(what.topic)};
    auto d = l.file ? co_await way_.deliver(to, std::move(l.method), std::move(l.body), std::move(*l.file))
                    : co_await way_.deliver(to, std::move(l.method), std::move(l.body));
    if (d.how == delivery::kind::done && l.sealed)
        also.push_back({"update outbox set request = request - 'sealed' where id = $1", {std::to_string(what.id)}});
    if (d.how == delivery::kind::done && d.message)
        std::ranges::move(remembered(what.chat, *d.message, l.remember), std::back_inserter(also));
    co_return d;
}

awaitable<delivery> sender::attempt(telegram::unsent what, std::vector<store::statement>& also) {
    if (!what.request.empty()) co_return co_await send_one(what, what.request, also);
    auto d = co_await notifier_.show(*what.task, what.turn); // the task changed
    if (d.how == delivery::kind::chat_gone && d.tried.chat != what.chat)
        co_await give_up(std::move(d)); // the message stood in another chat; the words are for this one
    else if (d.how != delivery::kind::done)
        co_return d;
    d = {.how = delivery::kind::done};
    for (auto& request : co_await notifier_.words(*what.task, what.turn, what.body)) {
        co_await way_.turn(what.chat);
        // The messages tell of the task as it is now. So does the later row, in the same words: "ready" came twice when
        // a pause of the task was still to be told of. This is asked last, because a row that comes afterwards cannot
        // be known here, and because the result could not be stored if the database went away while we waited for our
        // turn.
        if (co_await telegram::told_later(db_, what.id)) {
            way_.pass(what.chat);
            break;
        }
        d = co_await send_one(what, std::move(request), also);
        if (d.how != delivery::kind::done) break;
    }
    co_return d;
}

/// The chat that was tried is gone.
awaitable<void> sender::give_up(delivery d) {
    co_await give_up_chat(db_, d);
    if (events_.sent) events_.sent("gone");
}

/// The sender is stopped: the row is released, so that the next sender need not wait for the lease to end. Whoever
/// stops the sender waits for this.
awaitable<void> sender::give_back(std::int64_t id, bool in_doubt) {
    try {
        co_await with_deadline(limits::telegram_give_back, telegram::postpone_outgoing(db_, id, {}, in_doubt));
    } catch (const std::exception&) { // then the row is free when its lease ends
    }
}

/// Retries until it is stored that the message was sent: nobody else knows it, and the message would be sent again. To
/// store it twice is harmless. When the sender is stopped, one more attempt is made.
awaitable<void> sender::keep_sent(std::int64_t id, std::vector<store::statement> also) {
    try {
        for (std::string said;;) {
            try {
                co_await telegram::settle_outgoing(db_, id, {}, also);
                co_return;
            } catch (const store::db_error& e) {
                if (is_our_mistake(e)) throw;
                if (std::exchange(said, e.what()) != e.what()) spdlog::warn("the outbox: {}", e.what());
            }
            co_await sleep_for(limits::telegram_retry_first);
        }
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) throw;
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    try {
        co_await with_deadline(limits::telegram_give_back, telegram::settle_outgoing(db_, id, {}, std::move(also)));
    } catch (const std::exception&) { // then the message is sent again
    }
    throw boost::system::system_error(asio::error::operation_aborted);
}

/// False: nothing more can be sent to this chat for now.
awaitable<bool> sender::send(telegram::unsent what) {
    using enum delivery::kind;
    if (what.chat_gone) { // it was told and counted when it went
        co_await telegram::close_chat(db_, what.chat, "the chat is gone");
        co_return false;
    }
    if (what.tries > 1 && events_.in_doubt) events_.in_doubt();
    std::vector<store::statement> also;
    delivery d;
    bool stopped = false;
    auto begun = way_.begun(what.chat);
    try {
        d = co_await attempt(what, also);
    } catch (const store::db_error&) {
        throw;
    } catch (const boost::system::system_error& e) {
        stopped = e.code() == asio::error::operation_aborted;
        d = {.how = refused, .why = e.what()};
    } catch (const std::exception& e) { // a row that cannot be read must not block others
        d = {.how = refused, .why = e.what()};
    }
    if (stopped) {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await give_back(what.id, way_.begun(what.chat) != begun);
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    switch (d.how) {
    case done:
        co_await keep_sent(what.id, std::move(also));
        if (events_.sent) events_.sent("sent");
        co_return true;
    case later:
        co_await telegram::postpone_outgoing(db_, what.id, d.pause, false);
        co_return false;
    case in_doubt: // the rows behind it wait no longer than behind what a dead sender held
        co_await telegram::postpone_outgoing(db_, what.id, std::min(d.pause, holds_for()), true);
        co_return false;
    case chat_gone:
        co_await give_up(std::move(d));
        co_return false;
    case topic_gone: // the place that was tried may be that of the task's message, and not the row's
    case moved:
        co_await follow_place(db_, d, what.task);
        co_await telegram::postpone_outgoing(db_, what.id, {}, false);
        news_->set();
        co_return false;
    case message_gone:
    case refused:
        spdlog::error("Telegram refused a message: {}", d.why);
        co_await telegram::settle_outgoing(db_, what.id, d.why.empty() ? "refused" : d.why);
        if (events_.sent) events_.sent("refused");
        co_return true;
    }
    co_return false;
}

std::chrono::milliseconds sender::holds_for() const {
    return self_.lease() + limits::telegram_send_slack;
}

/// Runs until cancelled. The hold is short, because others wait for its end when we die, and a send may take longer.
awaitable<void> sender::keep_hold(std::int64_t id) {
    for (;;) {
        co_await sleep_for(self_.lease() / 3);
        try {
            co_await telegram::renew_hold(db_, id, hold());
        } catch (const store::db_error&) { // there are more attempts before the hold ends
        }
    }
}

awaitable<bool> sender::send_held(telegram::unsent what) {
    background<void> holding(co_await asio::this_coro::executor, keep_hold(what.id));
    bool more = co_await clean_up_on_exception(send(std::move(what)), holding.stop());
    co_await holding.stop();
    co_return more;
}

/// Sends to one chat, as long as there is a message for it that may be sent now. Throws only when cancelled.
awaitable<void> sender::serve(std::int64_t chat) {
    bool away = false;
    try {
        for (;;) {
            co_await way_.turn(chat);
            auto next = co_await telegram::take_outgoing(db_, chat, hold());
            if (!next) way_.pass(chat);
            if (!next || !co_await send_held(std::move(*next))) break;
        }
    } catch (const store::db_error& e) {
        spdlog::warn("the outbox: {}", e.what());
        away = true;
    }
    if (away) co_await sleep_for(limits::telegram_retry_first);
    news_->set();
}

/// The time until there may be more to do; nullopt: nothing before the next wake().
awaitable<std::optional<std::chrono::milliseconds>> sender::look() {
    for (auto i = chats_.begin(); i != chats_.end();) {
        if (!i->second->finished()) {
            ++i;
            continue;
        }
        auto ended = std::move(i->second);
        i = chats_.erase(i);
        co_await ended->join();
    }
    std::optional<std::chrono::milliseconds> due;
    auto executor = co_await asio::this_coro::executor;
    for (auto [chat, in] : co_await telegram::chats_to_tell(db_, limits::telegram_chats_looked_at)) {
        if (chats_.contains(chat)) continue;
        if (in.count() > 0)
            due = due ? std::min(*due, in) : in;
        else if (chats_.size() < limits::telegram_chats_at_once)
            chats_.emplace(chat, std::make_unique<background<void>>(executor, serve(chat)));
        // else: the first chat that finishes wakes us
    }
    co_return due;
}

awaitable<void> sender::run() {
    news_.emplace(co_await asio::this_coro::executor);
    co_await clean_up_on_exception(send_what_comes(), stop_all());
}

/// Ends only with an exception.
awaitable<void> sender::send_what_comes() {
    for (;;) {
        news_->reset();
        std::optional<std::chrono::milliseconds> due;
        try {
            due = co_await look();
        } catch (const store::db_error& e) {
            spdlog::warn("the outbox: {}", e.what());
            due = limits::telegram_retry_first;
        }
        try {
            if (due)
                co_await with_deadline(*due, news_->wait());
            else
                co_await news_->wait();
        } catch (const deadline_passed&) {
        }
    }
}

awaitable<void> sender::stop_all() {
    for (auto& [chat, work] : chats_)
        co_await work->stop();
    chats_.clear();
}

} // namespace persais::telegram
