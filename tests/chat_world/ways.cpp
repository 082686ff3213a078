#include "app/limits.hpp"
#include "chat_world/process.hpp"
#include "telegram/api/limits.hpp"

#include <algorithm>

namespace persais::chat_world {

using namespace std::chrono_literals;

namespace {

constexpr auto loss_noticed = 3s;

/// Waits until cancelled, because a dead process does nothing.
awaitable<void> never() {
    event none(co_await asio::this_coro::executor);
    co_await none.wait();
}

struct on_its_way {
    explicit on_its_way(const asio::any_io_executor& executor) : back(executor) {}
    event back;
    bool known = false; // its answer came
    std::vector<store::rows> rows;
    std::optional<store::db_error> error;
    std::optional<telegram::answer> answer;
};

bool take(int& left) {
    return left > 0 && left-- > 0;
}

} // namespace

time_point process_clock::now() const {
    auto found = in_.at.find(service_);
    return in_.wall(found == in_.at.end() ? 0ns : found->second.clock_ahead);
}

awaitable<store::rows> way_to_store::query(std::string sql, std::vector<store::param> params) {
    std::vector<store::statement> one;
    one.push_back({std::move(sql), std::move(params)});
    auto all = co_await transact(std::move(one));
    co_return std::move(all.at(0));
}

awaitable<std::vector<store::rows>> way_to_store::transact(std::vector<store::statement> all) {
    auto& in = in_;
    auto of = of_;
    auto& w = in.at[of->service];
    in.pass(*of, point::before_statement);
    auto give_up = in.time.now() + limits::db_absent_service;
    while (of->alive && in.time.now() < in.database_away) {
        if (in.time.now() >= give_up) throw store::db_error("08006", "the database is away");
        co_await sleep_for(std::min(in.database_away, give_up) - in.time.now());
    }
    if (!of->alive) throw store::db_error("08006", "this process has died");

    auto number = ++in.statements;
    bool request_lost = take(w.lost_requests), answer_lost = !request_lost && take(w.lost_answers);
    auto state = std::make_shared<on_its_way>(co_await asio::this_coro::executor);
    auto latency = [&](std::uint64_t about) {
        return std::chrono::microseconds(in.luck.below(3'000, {3, number, about}) + 50);
    };
    in.note("{} sends #{}: {}", of->name(), number, std::string_view(all.front().sql).substr(0, 60));
    in.time.after(latency(1),
                  [&in, of, state, number, request_lost, answer_lost, back = latency(2), all = std::move(all)] {
                      in.pass(*of, point::statement_under_way);
                      bool away = in.time.now() < in.database_away; // the connection was cut in between
                      if (!request_lost && !away) {
                          try {
                              state->rows = in.store.run(all, in.wall());
                              // A look at the queue is several of them; what wakes others would have no end.
                              bool reads = std::ranges::all_of(all, [](const auto& one) {
                                  return one.sql.starts_with("select") && !one.sql.contains("inbox_take");
                              });
                              if (!reads) in.spread_news();
                          } catch (const store::db_error& e) {
                              state->error = e;
                          }
                          in.note("the database runs #{}: {}", number,
                                  state->error ? std::string_view(state->error->what()) : "done");
                          if (answer_lost) ++in.doubts;
                      }
                      state->known = !request_lost && !answer_lost && !away;
                      in.time.after(state->known ? back : back + loss_noticed, [state] { state->back.set(); });
                  });
    co_await state->back.wait();
    in.pass(*of, point::answer_unread);
    if (!of->alive) throw store::db_error("08006", "this process has died");
    if (!state->known) throw store::db_error("08007", "the connection broke, the outcome is unknown");
    if (state->error) throw *state->error;
    co_return std::move(state->rows);
}

awaitable<telegram::called> way_to_telegram::call_with_file(std::string method, std::string body, telegram::upload) {
    co_return co_await call(std::move(method), std::move(body), limits::telegram_upload);
}

awaitable<telegram::called> way_to_telegram::call(std::string method, std::string body,
                                                  std::chrono::milliseconds limit) {
    auto& in = in_;
    auto of = of_;
    auto& w = in.at[of->service];
    in.pass(*of, point::before_call);
    if (!of->alive) co_await never();
    auto number = ++in.calls;
    auto latency = [&](std::uint64_t about) {
        return std::chrono::milliseconds(in.luck.below(120, {8, number, about}) + 5);
    };
    if (in.time.now() < in.telegram_away) {
        co_await sleep_for(latency(1));
        co_return telegram::called{.got = {}, .why = "no way to Telegram"};
    }
    if (method == "getUpdates") // answered when there is an update, or after 50 s
        for (int i = 0; i < 10 && of->alive && !in.telegram.has_more(body); ++i)
            co_await sleep_for(5s);
    bool said = method == "sendMessage" || method == "editMessageText";
    bool lost = said && take(w.lost_calls), unheard = said && !lost && take(w.lost_sent);
    std::optional<telegram::answer> instead;
    if (said && take(w.refused)) instead = telegram::answer{.ok = false, .code = 502, .description = "Bad Gateway"};
    if (said && !instead && take(w.floods))
        instead = telegram::answer{.ok = false, .code = 429, .description = "Too Many Requests", .retry_after = 7s};
    auto state = std::make_shared<on_its_way>(co_await asio::this_coro::executor);
    in.note("{} calls {} #{}", of->name(), method, number);
    in.time.after(latency(1), [&in, of, state, number, lost, unheard, instead, limit, back = latency(2), method, body] {
        in.pass(*of, point::call_under_way);
        if (instead)
            state->answer = instead;
        else if (!lost)
            state->answer = in.telegram.call(method, body);
        in.note("Telegram hears #{}: {}", number, state->answer ? state->answer->ok : false);
        if (unheard) ++in.doubts;
        state->known = !lost && !unheard;
        in.time.after(state->known ? back : std::chrono::nanoseconds(limit), [state] { state->back.set(); });
    });
    co_await state->back.wait();
    in.pass(*of, point::called_unread);
    if (!of->alive) co_await never();
    if (!state->known) co_return telegram::called{.got = {}, .may_have_happened = true, .why = "no answer in time"};
    co_return telegram::called{.got = std::move(state->answer)};
}

} // namespace persais::chat_world
