#include "api/event_stream.hpp"

#include "api/event_hub.hpp"
#include "api/limits.hpp"
#include "api/problem.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <utility>

namespace persais::api {

namespace {

/// A registration with the hub.
class registered {
public:
    registered(event_hub& hub, event_hub::listener& one) : hub_(hub), one_(one) { hub_.add(one_); }
    ~registered() { hub_.remove(one_); }
    registered(const registered&) = delete;

private:
    event_hub& hub_;
    event_hub::listener& one_;
};

/// One stream; stream_events() owns all that it refers to.
class writer {
public:
    writer(asked& r, http::responder& to, std::optional<task_id> task, event_hub::listener& one)
        : r_(r), hub_(r.with.events), to_(to), task_(task), one_(one) {}

    /// From `at` on, and before that what came after `behind`, until the client leaves or the rights go.
    awaitable<> write(std::optional<queue::feed_place> behind, event_hub::place at) {
        co_await hub_.renew_rights();
        if (behind) co_await catch_up(std::move(*behind), at.so_far);
        last_ = at.so_far;
        for (auto next = at.next; !over_;) {
            one_.news.reset();
            auto some = hub_.from(next);
            if (!some) { // it reads slower than events come
                at = co_await hub_.newest();
                co_await catch_up(last_, at.so_far);
                last_ = at.so_far;
                next = at.next;
                continue;
            }
            next += some->size();
            bool none = some->empty();
            co_await write_all(std::move(*some));
            if (none) co_await wait();
        }
        if (over_) co_await to_.write("event: end\ndata: {}\n\n");
    }

private:
    /// What lies between two places, from the database.
    awaitable<> catch_up(queue::feed_place from, queue::feed_place to) {
        for (auto number : to.missing) // comes later, from the hub, even if it is there by now
            std::erase(from.missing, number);
        while (!over_) {
            auto page = co_await queue::events_of(r_.with.db,
                                                  {.after = from, .upto = to.number, .but = to.missing, .task = task_});
            co_await hub_.renew_rights();
            std::vector<std::shared_ptr<const event_hub::item>> some;
            for (const auto& each : page) {
                std::erase(from.missing, each.what.number);
                from.number = std::max(from.number, each.what.number);
                auto id = from;
                for (auto number : to.missing)
                    if (number < from.number && std::ranges::find(id.missing, number) == id.missing.end())
                        id.missing.push_back(number);
                some.push_back(
                    std::make_shared<event_hub::item>(event_hub::item{.number = each.what.number,
                                                                      .task = each.task,
                                                                      .remote = each.remote,
                                                                      .giver = each.giver,
                                                                      .text = event_hub::lines_of(each, id)}));
            }
            co_await write_all(std::move(some));
            if (page.size() < static_cast<std::size_t>(limits::log_page)) co_return;
        }
    }

    awaitable<> write_all(std::vector<std::shared_ptr<const event_hub::item>> some) {
        std::string text;
        for (const auto& each : some) {
            if (task_ && each->task != *task_) continue;
            if (hub_.may_see(r_.who, *each))
                text += each->text;
            else if (task_)
                over_ = true; // it was allowed when the stream began
            if (text.size() >= limits::api_stream_bytes) co_await to_.write(std::exchange(text, {}));
        }
        if (!some.empty() && !hub_.valid(r_.who.token)) over_ = true;
        if (!text.empty()) co_await to_.write(std::move(text));
    }

    awaitable<> wait() {
        bool quiet = false;
        try {
            co_await with_deadline(limits::api_heartbeat, one_.news.wait());
        } catch (const deadline_passed&) {
            quiet = true;
        }
        if (!quiet) co_return;
        co_await to_.write(": still here\n\n");
        if (hub_.wants_a_look()) hub_.news();
    }

    asked& r_;
    event_hub& hub_;
    http::responder& to_;
    std::optional<task_id> task_;
    event_hub::listener& one_;
    queue::feed_place last_;
    bool over_ = false;
};

} // namespace

awaitable<> stream_events(asked& r, http::responder& to, std::optional<task_id> task) {
    auto& hub = r.with.events;
    if (hub.streams() >= limits::api_streams || hub.streams_of(r.who.token) >= limits::api_streams_of_token) {
        auto no = problem(429, told<"Too many streams of events are open.", "Открыто слишком много потоков событий.">(),
                          r.russian, "too_many");
        co_await to.send(no.status, std::move(no.fields), std::move(no.body));
        co_return;
    }
    std::optional<queue::feed_place> behind;
    if (auto id = r.maybe("Last-Event-ID")) behind = place_of(*id);
    event_hub::listener one(co_await asio::this_coro::executor);
    one.token = r.who.token;
    registered until_the_end(hub, one);
    auto at = co_await hub.newest(); // before the first bytes: what happens after them is in the stream
    co_await to.begin(
        200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}});
    co_await to.write("retry: 2000\n\n"); // so that whoever waits for the first bytes has them
    co_await writer(r, to, task, one).write(std::move(behind), std::move(at));
    co_await to.finish();
}

} // namespace persais::api
