#include "world/service.hpp"

#include "app/limits.hpp"
#include "worker/expire.hpp"
#include "world/performer.hpp"

namespace persais::world {

using namespace std::chrono_literals;

namespace {

enum class fate { arrives, answer_lost, request_lost, late };

fate fate_of(weather& w, std::string_view what) {
    bool write = what == "write" || what == "claim_new";
    if (w.lost_requests > 0) {
        --w.lost_requests;
        return fate::request_lost;
    }
    if (w.late_writes > 0 && write) {
        --w.late_writes;
        return fate::late;
    }
    if (w.lost_write_answers > 0 && write) {
        --w.lost_write_answers;
        return fate::answer_lost;
    }
    if (w.lost_answers > 0) {
        --w.lost_answers;
        return fate::answer_lost;
    }
    return fate::arrives;
}

struct on_its_way {
    explicit on_its_way(const asio::any_io_executor& executor) : back(executor) {}
    event back;
    bool known = false; // its answer came
};

constexpr auto loss_noticed = 3s;

} // namespace

time_point world_clock::now() const {
    auto found = in_.at.find(service_);
    return in_.wall(found == in_.at.end() ? 0ns : found->second.clock_ahead);
}

std::chrono::steady_clock::time_point world_clock::steady() const {
    return in_.time.steady();
}

awaitable<void> world_wire::send(const char* what, std::function<void(store_model&)> statement) {
    auto& in = in_;
    auto of = of_;
    auto& w = in.at[of->service];
    in.pass(*of, point::before_statement);
    auto give_up = in.time.now() + limits::db_absent_service;
    while (of->alive && in.time.now() < w.database_away) {
        if (in.time.now() >= give_up) throw store::db_error("08006", "the database is away");
        co_await sleep_for(std::min(w.database_away, give_up) - in.time.now());
    }
    if (!of->alive) throw store::db_error("08006", "this process has died");

    auto number = ++in.statements;
    auto how = fate_of(w, what);
    auto state = std::make_shared<on_its_way>(co_await asio::this_coro::executor);
    auto there = in.latency(*of, number * 2), back = in.latency(*of, number * 2 + 1);
    in.note("{} sends {} #{}", of->name(), what, number);
    in.time.after(there, [&in, &w, of, state, how, back, what, number, run = std::move(statement)] {
        in.pass(*of, point::statement_under_way);
        bool away = in.time.now() < w.database_away; // the connection was cut in between
        if (how == fate::late) {
            in.time.after(back * 2000, [&in, of, what, number, run] {
                in.note("the store runs {} #{} of {}, late", what, number, of->name());
                run(in.store);
            });
        } else if (how != fate::request_lost && !(away && number % 2)) {
            in.note("the store runs {} #{} of {}", what, number, of->name());
            run(in.store);
        }
        state->known = how == fate::arrives && !away;
        in.time.after(state->known || how == fate::late ? back : back + loss_noticed, [state] { state->back.set(); });
    });
    co_await state->back.wait();
    in.pass(*of, point::answer_unread);
    if (!of->alive) throw store::db_error("08006", "this process has died");
    if (!state->known) throw store::db_error("08007", "the connection broke, the outcome is unknown");
}

service::service(simulation& in, std::shared_ptr<life> of)
    : in_(in), life_(std::move(of)), clock_(in, life_->service), way_(in, life_),
      tasks_(way_, life_->name(), in.what.lease_ttl),
      parts_{.time = clock_,
             .leases = tasks_,
             .requests = tasks_,
             .make_executor = [this](const worker::observer& tell, task_id id,
                                     fence held) { return make_executor(in_, life_, tell, id, held); }},
      work_(parts_, in.what.slots,
            {.database =
                 [this](const std::string& trouble) {
                     if (trouble.empty() && life_->alive && (!kept_ || clock_.steady() - *kept_ >= 24h)) {
                         kept_ = clock_.steady();
                         if (!keeping_ || keeping_->finished())
                             keeping_.emplace(in_.time.io.get_executor(), keep_house());
                     }
                 }}),
      running_(in.time.io.get_executor(), work_.run()) {}

awaitable<void> service::keep_house() {
    try {
        co_await worker::expire_reviews(tasks_, clock_, [this](mechanic::task t) -> awaitable<void> {
            if (life_->alive && t.known.made) in_.disk_of(life_->service).kept.erase(t.known.made->commit);
            co_return;
        });
    } catch (const store::db_error&) { // retried the next time
    }
}

awaitable<void> service::ended() {
    co_await running_.join();
    if (keeping_) co_await keeping_->stop();
}

} // namespace persais::world
