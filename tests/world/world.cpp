#include "world/world.hpp"

#include "service/tasks.hpp"
#include "worker/limits.hpp"
#include "world/aim.hpp"
#include "world/service.hpp"

#include <mutex>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace persais::world {

using namespace std::chrono_literals;
using mechanic::wait_reason;

namespace {

constexpr auto steps_most = 400'000; // of one run; with more it is in an endless loop
const time_point begin{std::chrono::microseconds(1'767'225'600'000'000)};

/// An error that the driver logs is a violation, unless it says that the database was unreachable.
class error_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit error_sink(invariants& to) : to_(to) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        std::string_view line(message.payload.data(), message.payload.size());
        for (auto usual : {"the database", "for the database was lost", "a state that this version"})
            if (line.find(usual) != std::string_view::npos) return;
        to_.logged(line);
    }
    void flush_() override {}
    invariants& to_;
};

class errors_only {
public:
    explicit errors_only(invariants& to) : before_(spdlog::default_logger()) {
        auto ours = std::make_shared<spdlog::logger>("world", std::make_shared<error_sink>(to));
        ours->set_level(spdlog::level::err);
        spdlog::set_default_logger(ours);
    }
    ~errors_only() { spdlog::set_default_logger(before_); }
    errors_only(const errors_only&) = delete;

private:
    std::shared_ptr<spdlog::logger> before_;
};

} // namespace

/// People with `persais abort`, `retry` and the like: each command is a process of its own, whose statements have the
/// faults of service 0.
class person {
public:
    explicit person(simulation& in)
        : in_(in), life_(std::make_shared<life>(life{.service = 0})), clock_(in, 0), way_(in, life_),
          tasks_(way_, life_->name(), in.what.lease_ttl) {
        settings_.task_attempts = 2;
        settings_.repair_rounds = 1;
        settings_.budget_task_usd = 5;
        settings_.budget_day_usd = 1'000'000;
        settings_.aider_model = "a/b";
    }

    void asks(awaitable<void> wish) {
        ++waiting_;
        asio::co_spawn(in_.time.io, std::move(wish), [this](const std::exception_ptr& e) {
            --waiting_;
            try {
                if (e) std::rethrow_exception(e);
            } catch (const store::db_error&) { // reported to the person, who may ask again
            } catch (const queue::unusable_row&) {
            }
        });
    }
    awaitable<void> adds(mechanic::order what) { co_await tasks_.add(std::move(what)); }
    awaitable<void> aborts(task_id id) {
        auto seen = in_.store.load(id); // a result is put away only as the person saw it
        auto* result = seen ? std::get_if<mechanic::review>(&seen->task.now) : nullptr;
        auto how = co_await rules_.abort(id, result ? result->commit : "");
        if (how) in_.checks.abort_accepted(id);
    }
    awaitable<void> retries(task_id id) { (void)co_await rules_.retry(id); }
    awaitable<void> wakes() {
        co_await tasks_.wake({wait_reason::key, wait_reason::credit, wait_reason::day_budget, wait_reason::task_budget,
                              wait_reason::month_budget, wait_reason::paused, wait_reason::remote_away, wait_reason::model_away});
    }
    awaitable<void> pushes(task_id id) {
        (void)co_await rules_.push_anyway(id, {}, persais::service::role::admin, persais::service::relation::owns);
    }
    awaitable<void> deploys(task_id id) {
        (void)co_await rules_.deploy(id, {.commit = {}, .anyway = id.value % 2 == 0, .by = "terminal"},
                                     persais::service::role::admin, persais::service::relation::owns);
    }
    awaitable<void> rolls_back(task_id id) {
        (void)co_await rules_.roll_back(id, {.commit = {}, .anyway = id.value % 2 == 0, .by = "terminal"},
                                        persais::service::role::admin, persais::service::relation::owns);
    }
    awaitable<void> discards(task_id id) {
        in_.checks.discards(id);
        (void)co_await rules_.discard(id);
    }
    awaitable<void> undoes(task_id id) { (void)co_await rules_.undiscard(id); }
    awaitable<void> replies(task_id id) { (void)co_await rules_.reply(id, "and more"); }
    awaitable<void> gives_more(task_id id) {
        (void)co_await rules_.raise_budget(id, in_.spent_usd[id] + 5, persais::service::role::admin,
                                           persais::service::relation::owns);
    }
    bool idle() const { return waiting_ == 0; }

private:
    simulation& in_;
    std::shared_ptr<life> life_;
    world_clock clock_;
    world_wire way_;
    model_tasks tasks_;
    config::settings settings_;
    persais::service::tasks rules_{settings_, tasks_, clock_};
    int waiting_ = 0;
};

simulation::simulation(plan p, bool keep_lines)
    : what(std::move(p)), luck(what.seed ^ 0x5eed), log(keep_lines), store([this] { return wall(store_ahead); }),
      disks(what.shared_disk ? 1U : static_cast<std::size_t>(what.services)), checks(*this),
      person_(std::make_shared<person>(*this)) {
    store.on_change = [this](const store_model::change& c) {
        checks.stored(c);
        if (auto f = fault_aimed_at(*this, c)) time.after(f->at, [this, f = *f] { happen(f); });
    };
    store.on_refused = [this](const store_model::change& c, const std::string& check) { checks.refused(c, check); };
    store.notify = [this] { spread_news(); };
}

simulation::~simulation() = default;

time_point simulation::wall(std::chrono::nanoseconds ahead) const {
    return begin + std::chrono::floor<std::chrono::microseconds>(time.now() + ahead);
}

std::chrono::nanoseconds simulation::latency(const life& of, std::uint64_t about) const {
    auto found = at.find(of.service);
    bool slow = found != at.end() && time.now() < found->second.database_slow;
    return std::chrono::microseconds(luck.below(slow ? 5'000'000 : 3'000, {3, about}) + 50);
}

void simulation::pass(const life& of, point where) {
    if (!of.alive || of.service == 0) return;
    auto& w = at[of.service];
    if (w.dies_at != where || w.dies_after-- > 0) return;
    w.dies_at.reset();
    note("{} dies at point {}", of.name(), static_cast<int>(where));
    crash(of.service, std::chrono::milliseconds(20 + luck.below(4000, {4, static_cast<std::uint64_t>(of.number)})));
}

void simulation::start(int number) {
    if (over_) return;
    for (auto& [key, of] : std::exchange(disk_of(number).places, {})) // as worker/stale_workspaces.cpp does
        if (of->alive) disk_of(number).places.emplace(key, of);
    auto self = std::make_shared<life>(life{.service = number, .number = ++lives_});
    note("{} starts", self->name());
    services_[number] = std::make_unique<service>(*this, self);
}

void simulation::crash(int number, std::chrono::nanoseconds back_after) {
    auto found = services_.find(number);
    if (found == services_.end()) return; // it is down already
    ++crashes;
    auto dead = std::move(found->second);
    services_.erase(found);
    note("{} dies", dead->self().name());
    dead->self().alive = false;
    bury(std::move(dead));
    time.after(back_after, [this, number] { start(number); });
}

/// Unwinds the dead process's coroutines, without any visible effect.
void simulation::bury(std::unique_ptr<service> dead) {
    ++dying_;
    dead->leave();
    auto held = std::shared_ptr<service>(std::move(dead));
    asio::co_spawn(time.io, held->ended(), [this, held](const std::exception_ptr& e) mutable {
        held->self().alive = false;
        --dying_;
        time.after(0ns, [last = std::move(held)] {}); // not from within its own end
        if (e) checks.logged("a dispatcher ended with an exception");
    });
}

void simulation::spread_news() {
    for (int n = 1; n <= what.services; ++n) {
        if (time.now() < at[n].deaf || luck.chance(2, {5, statements, static_cast<std::uint64_t>(n)})) {
            // The notification is lost with the connection. It is made up for when the connection is back, because the
            // service reads the queue then.
            time.after(std::max(at[n].deaf - time.now(), 0ns) + 2s, [this, n] {
                if (services_.contains(n)) services_[n]->wake();
            });
            continue;
        }
        int times = luck.chance(10, {6, statements}) ? 2 : 1;
        for (int i = 0; i < times; ++i)
            time.after(std::chrono::microseconds(luck.below(4000, {7, statements, static_cast<std::uint64_t>(n + i)})),
                       [this, n] {
                           if (services_.contains(n)) services_[n]->wake();
                       });
    }
}

void simulation::happen(const fault& f) {
    using enum fault::kind;
    if (over_) return;
    note("FAULT {} of service {}, {}", static_cast<int>(f.what), f.service + 1, f.amount);
    auto number = f.service + 1;
    auto& w = at[number];
    auto until = time.now() + f.lasts;
    switch (f.what) {
    case crash:
        return this->crash(number, milliseconds(f.amount));
    case disk_lost:
        if (what.shared_disk)
            for (int n = 1; n <= what.services; ++n)
                this->crash(n, milliseconds(f.amount));
        this->crash(number, milliseconds(f.amount));
        disk_of(number) = {};
        return;
    case crash_at_point:
        w.dies_at = static_cast<point>(f.amount % points);
        w.dies_after = f.amount / points % 4;
        return;
    case leave:
        if (auto found = services_.find(number); found != services_.end()) {
            bury(std::exchange(found->second, nullptr));
            services_.erase(found);
            time.after(milliseconds(f.amount), [this, number] { start(number); });
        }
        return;
    case lose_answer:
        ++w.lost_answers;
        return;
    case lose_request:
        ++w.lost_requests;
        return;
    case lose_write_answer:
        ++w.lost_write_answers;
        return;
    case late_write:
        ++w.late_writes;
        return;
    case cut_database:
        w.database_away = until;
        return;
    case cut_all:
        for (int n = 0; n <= what.services; ++n)
            at[n].database_away = until;
        return;
    case slow_database:
        w.database_slow = until;
        return;
    case deaf:
        w.deaf = until;
        return;
    case service_clock:
        w.clock_ahead += milliseconds(f.amount);
        return;
    case store_clock:
        store_ahead += milliseconds(f.amount);
        return spread_news(); // as after a notification: workers look for what is due by this clock
    case remote_away:
        this->remote_away = until;
        return;
    case model_away:
        this->model_away = until;
        return;
    default:
        return ask_person(f);
    }
}

void simulation::ask_person(const fault& f) {
    using enum fault::kind;
    task_id id{f.amount};
    auto branch = fmt::format("mechanic/{}-mend-it", id.value);
    if (auto row = store.rows.find(id); row != store.rows.end() && !row->second.task.known.branch.empty())
        branch = row->second.task.known.branch; // a later one, after what was deployed
    switch (f.what) {
    case abort:
        return person_->asks(person_->aborts(id));
    case retry:
        return person_->asks(person_->retries(id));
    case wake:
        return person_->asks(person_->wakes());
    case reply:
        return person_->asks(person_->replies(id));
    case push_held:
        return person_->asks(person_->pushes(id));
    case deploy:
        return person_->asks(person_->deploys(id));
    case roll_back:
        return person_->asks(person_->rolls_back(id));
    case discard:
        return person_->asks(person_->discards(id));
    case undiscard:
        return person_->asks(person_->undoes(id));
    case more_money:
        return person_->asks(person_->gives_more(id));
    case foreign_push:
        remote.touched.insert(branch);
        remote.branches[branch] = fmt::format("{:040x}", 0xf0e1);
        return;
    case delete_branch:
        remote.touched.insert(branch);
        remote.branches.erase(branch);
        return;
    case broken_row:
        if (store.rows.contains(id)) {
            store.rows[id].unusable = true;
            time.after(f.lasts, [this, id] { store.rows[id].unusable = false; });
        }
        return;
    default:
        return;
    }
}

void simulation::end_faults() {
    for (auto& [n, w] : at) {
        w.dies_at.reset();
        w.lost_answers = w.lost_requests = w.lost_write_answers = w.late_writes = 0;
    }
}

report simulation::run() {
    errors_only log_errors(checks);
    for (int n = 1; n <= what.services; ++n)
        start(n);
    milliseconds last{};
    for (const auto& t : what.tasks) {
        time.after(t.at, [this, &t] { person_->asks(person_->adds(t.what)); });
        last = std::max(last, t.at);
    }
    for (const auto& f : what.faults) {
        time.after(f.at, [this, &f] { happen(f); });
        last = std::max(last, f.at);
    }
    time.after(last + 60s, [this] { end_faults(); });
    if (what.fortnight) {
        time.after(limits::review_expires + 48h, [this] { spread_news(); });
        time.after(limits::review_expires + 49h, [this] { person_->asks(person_->replies(task_id{1})); });
    }
    report r;
    while (time.step() && ++r.steps < steps_most && checks.broken.empty()) {
    }
    if (r.steps >= steps_most) checks.broken.push_back("it never came to rest");
    if (checks.broken.empty()) checks.at_rest();
    r.took = time.now();
    over_ = true;
    for (auto& [n, s] : std::exchange(services_, {}))
        bury(std::move(s));
    while ((dying_ > 0 || !person_->idle()) && time.step()) {
    }
    time.step(); // for the last one that was buried
    if (dying_ > 0) checks.broken.push_back("a service does not end");
    r.violations = checks.broken;
    r.reached = std::move(checks.reached);
    r.sum = log.sum();
    r.lines = log.lines();
    r.statements = static_cast<int>(statements);
    r.crashes = crashes;
    return r;
}

report run(const plan& what, bool keep_lines) {
    return simulation(what, keep_lines).run();
}

} // namespace persais::world
