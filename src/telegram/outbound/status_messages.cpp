#include "telegram/outbound/status_messages.hpp"

#include "telegram/outbound/limits.hpp"
#include "telegram/outbound/render.hpp"

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace persais::telegram {

class status_messages::alone {
public:
    static awaitable<alone> with(std::shared_ptr<followed> f) {
        if (!f->free) f->free.emplace(co_await asio::this_coro::executor).set();
        while (!f->free->is_set())
            co_await f->free->wait();
        f->free->reset();
        co_return alone(std::move(f));
    }
    static bool possible(const followed& f) { return !f.free || f.free->is_set(); }
    alone(alone&&) noexcept = default;
    alone& operator=(alone&&) = delete;
    ~alone() {
        if (of_) of_->free->set();
    }
    bool awaited() const { return of_.use_count() > 2; } // another owner beside us and status_messages' list

private:
    explicit alone(std::shared_ptr<followed> f) : of_(std::move(f)) {}
    std::shared_ptr<followed> of_;
};

std::shared_ptr<status_messages::followed> status_messages::followed_of(task_id task) {
    auto& f = tasks_[task];
    if (!f) f = std::make_shared<followed>();
    return f;
}

reader status_messages::reader_of(const telegram::task_message& m) const {
    return {language_from(m.language), views_.admin_reads && views_.admin_reads(m.chat)};
}

void status_messages::want(task_id task) {
    auto f = followed_of(task);
    if (f->foreign) return;
    f->wanted = true;
    if (news_) news_->set();
}

void status_messages::moved(task_id task, bool settled) {
    auto found = tasks_.find(task);
    if (settled && found != tasks_.end() && found->second->foreign)
        tasks_.erase(found);
    else
        want(task);
}

void status_messages::progress(task_id task, const mechanic::progress& doing) {
    auto f = followed_of(task);
    if (f->foreign || f->doing == doing) return;
    f->doing = doing;
    want(task);
}

void status_messages::queue_moved() {
    for (auto& [id, f] : tasks_)
        if (f->queued) want(id);
}

awaitable<keyboard> status_messages::keys(std::int64_t chat, task_id task, const button_rows& rows) {
    std::vector<telegram::standing_button> wanted;
    for (const auto& row : rows)
        for (const auto& b : row)
            if (b.address.empty()) wanted.push_back({std::string(to_string(b.what)), b.argument, works_once(b.what)});
    auto tokens = co_await telegram::button_tokens(db_, chat, task, std::move(wanted));
    keyboard all;
    auto next = tokens.begin();
    for (const auto& row : rows) {
        auto& keys = all.emplace_back();
        for (const auto& b : row)
            keys.push_back({b.label, b.address.empty() ? *next++ : std::string(), b.address});
    }
    co_return all;
}

/// Makes a task's message show `view`. `shown` is its last edit, which is not repeated for `only_now`; it outlives the
/// call.
awaitable<delivery> status_messages::put(telegram::task_message m, outgoing view, std::string* shown, bool only_now) {
    using enum delivery::kind;
    place to{.chat = m.chat, .topic = m.topic == 0 ? std::nullopt : std::optional(m.topic)};
    auto keyboard = co_await keys(m.chat, m.task, view.rows);
    delivery d{.how = message_gone};
    if (m.message) {
        auto body = boost::json::serialize(edit_message_text(m.chat, *m.message, view.text, keyboard));
        if (only_now && shown && body == *shown) co_return delivery{.how = done};
        co_await way_.turn(m.chat);
        d = co_await way_.deliver(to, "editMessageText", body);
        if (d.how == done && shown) *shown = body;
    }
    if (d.how == message_gone) { // never sent, its number lost, or deleted by a person
        auto body = boost::json::serialize(send_message(to, view.text, keyboard, {.answer_to = m.reply_to}));
        co_await way_.turn(m.chat);
        d = co_await way_.deliver(to, "sendMessage", body);
        if (d.how == done && d.message) co_await telegram::message_stands(db_, m.task, m.turn, m.chat, *d.message);
        if (shown) shown->clear();
    }
    co_return d;
}

/// Shows the results of the turns up to `last` that another turn followed before their messages showed them. The
/// message of a later turn may stand in the outbox behind the row that is being sent.
awaitable<delivery> status_messages::bring_earlier(task_id task, int last, bool only_now) {
    using enum delivery::kind;
    for (auto& m : co_await telegram::overtaken(db_, task)) {
        if (m.turn > last) break;
        if (!m.message && m.sending) co_return delivery{.how = later, .pause = limits::telegram_edit_every};
        if (auto wait = way_.free_in(m.chat); only_now && wait.count() > 0)
            co_return delivery{.how = later, .pause = wait};
        int turn = m.turn;
        auto view = co_await views_.earlier(task, turn, reader_of(m));
        if (view) {
            auto d = co_await put(std::move(m), std::move(*view), nullptr, only_now);
            if (d.how != done) co_return d;
        }
        co_await telegram::message_ended(db_, task, turn);
    }
    co_return delivery{.how = done};
}

/// Brings the task's message up to date. `only_now`: does not wait, and does nothing when the message shows this
/// already as far as we know.
awaitable<delivery> status_messages::bring(task_id task, bool only_now) {
    using enum delivery::kind;
    auto& f = *followed_of(task); // held by `here`
    if (only_now && !alone::possible(f)) co_return delivery{.how = later, .pause = limits::telegram_edit_every};
    auto here = co_await alone::with(followed_of(task));
    for (int look = 0; look < limits::telegram_looks; ++look) {
        auto m = co_await telegram::message_of(db_, task);
        if (!m) {
            f.foreign = true;
            co_return delivery{.how = done};
        }
        if (only_now && m->chat_gone) co_return delivery{.how = done}; // brought up to date when the chat is back
        if (auto d = co_await bring_earlier(task, m->turn, only_now); d.how != done) co_return d;
        if (!m->message && m->sending) co_return delivery{.how = later, .pause = limits::telegram_edit_every};
        if (auto wait = way_.free_in(m->chat); only_now && wait.count() > 0)
            co_return delivery{.how = later, .pause = wait};
        auto view = co_await views_.message(task, f.doing, reader_of(*m));
        if (!view) co_return delivery{.how = done};
        if (view->turn != m->at) continue; // a turn began since; it may have its own message
        f.queued = (co_await telegram::tasks_ahead(db_, task)).has_value();
        int turn = m->turn;
        if (m->ended && !view->settled) co_await telegram::message_reopened(db_, task, turn);
        auto d = co_await put(std::move(*m), std::move(view->what), &f.shown, only_now);
        if (d.how != done) co_return d;
        // Another service may meanwhile have shown a later state, which this edit has overwritten.
        auto now = co_await telegram::message_of(db_, task);
        if (now && (now->at != view->turn || (now->state != view->state && (now->settled || view->settled)))) {
            co_await telegram::message_reopened(db_, task, turn);
            f.shown.clear();
            continue;
        }
        if (view->settled) {
            co_await telegram::message_ended(db_, task, turn);
            f.doing.reset();
            auto known = tasks_.find(task);
            if (known != tasks_.end() && known->second.get() == &f && !f.wanted && !here.awaited()) tasks_.erase(known);
        }
        co_return d;
    }
    co_return delivery{.how = later, .pause = limits::telegram_edit_every};
}

awaitable<delivery> status_messages::show(task_id task, std::optional<int> turn) {
    if (turn) {
        auto here = co_await alone::with(followed_of(task));
        if (auto back = co_await telegram::message_of_withdrawn(db_, task, *turn)) {
            auto l = reader_of(*back);
            co_return co_await put(std::move(*back), withdrawn_turn_message(l, task), nullptr, false);
        }
        auto m = co_await telegram::message_of(db_, task);
        if (m && *turn < m->turn) co_return co_await bring_earlier(task, *turn, false);
    }
    followed_of(task)->wanted = false;
    co_return co_await bring(task, false);
}

awaitable<std::vector<std::string>> status_messages::words(task_id task, std::optional<int> turn,
                                                           std::string sentence) {
    std::vector<std::string> requests;
    if (turn && co_await telegram::message_of_withdrawn(db_, task, *turn)) co_return requests; // it says everything
    auto m = co_await telegram::message_of(db_, task);
    if (!m) co_return requests;
    auto l = reader_of(*m);
    bool earlier = turn && *turn < m->turn;
    if (earlier) m = co_await telegram::message_of_turn(db_, task, *turn);
    if (!m) co_return requests;
    auto all = earlier ? co_await views_.earlier_notices(task, m->turn, l)
                       : co_await views_.notices(task, std::move(sentence), l);
    for (const auto& each : all) {
        auto keyboard = co_await keys(m->chat, task, each.rows);
        auto body =
            send_message({.chat = m->chat}, each.text, keyboard, {.answer_to = m->message ? m->message : m->reply_to});
        body.erase("chat_id"); // the outbox row has it in a column
        requests.push_back(boost::json::serialize(
            boost::json::object{{"method", "sendMessage"},
                                {"body", std::move(body)},
                                {"remember", {{"task", task.value}, {"turn", m->turn}, {"kind", "done"}}}}));
    }
    co_return requests;
}

awaitable<void> status_messages::edit_due() {
    std::vector<task_id> due;
    auto now = time_.steady();
    for (auto& [id, f] : tasks_)
        if (f->wanted && !f->foreign && f->next <= now) due.push_back(id);
    for (auto id : due) {
        auto found = tasks_.find(id);
        if (found == tasks_.end()) continue;
        found->second->wanted = false;
        found->second->next = time_.steady() + limits::telegram_edit_every;
        delivery d{.how = delivery::kind::refused}; // after an exception: no retry before there is news of the task
        std::exception_ptr away;
        try {
            d = co_await bring(id, true);
        } catch (const store::db_error&) {
            away = std::current_exception();
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw;
            spdlog::error("task {}: its message is not brought up to date: {}", id.value, e.what());
        } catch (const std::exception& e) { // a row that cannot be read must not block the others
            spdlog::error("task {}: its message is not brought up to date: {}", id.value, e.what());
        }
        found = tasks_.find(id);
        if (away) {
            if (found != tasks_.end()) found->second->wanted = true;
            std::rethrow_exception(away);
        }
        if (found == tasks_.end()) continue;
        bool followed_there = false;
        try {
            followed_there = co_await follow_place(db_, d, id);
            if (d.how == delivery::kind::chat_gone) {
                co_await give_up_chat(db_, d);
                if (views_.chat_gone) views_.chat_gone();
            }
        } catch (const store::db_error&) {
            away = std::current_exception();
        }
        found = tasks_.find(id);
        if (found == tasks_.end()) continue;
        if (away || followed_there) found->second->wanted = true;
        if (followed_there) found->second->next = time_.steady(); // it is shown nowhere
        if (away) std::rethrow_exception(away);
        if (d.how == delivery::kind::later || d.how == delivery::kind::in_doubt) { // an edit may be repeated
            found->second->wanted = true;
            found->second->shown.clear();
            found->second->next = std::max(found->second->next, time_.steady() + d.pause);
        }
    }
}

awaitable<void> status_messages::run() {
    news_.emplace(co_await asio::this_coro::executor);
    bool caught_up = false;
    for (;;) {
        news_->reset();
        std::optional<std::chrono::nanoseconds> pause;
        try {
            if (!caught_up)
                for (auto id : co_await telegram::open_messages(db_, limits::telegram_open_messages))
                    followed_of(id)->wanted = true;
            caught_up = true;
            co_await edit_due();
        } catch (const store::db_error& e) {
            spdlog::warn("progress in the chat: {}", e.what());
            pause = limits::telegram_retry_first;
        }
        auto now = time_.steady();
        for (auto& [id, f] : tasks_)
            if (f->wanted && !f->foreign)
                pause = std::min<std::chrono::nanoseconds>(pause.value_or(limits::telegram_edit_every),
                                                           std::max<std::chrono::nanoseconds>(f->next - now, {}));
        try {
            if (pause)
                co_await with_deadline(*pause, news_->wait());
            else
                co_await news_->wait();
        } catch (const deadline_passed&) {
        }
    }
}

} // namespace persais::telegram
