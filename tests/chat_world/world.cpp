#include "chat_world/world.hpp"

#include "chat_world/judge.hpp"
#include "chat_world/process.hpp"
#include "telegram/inbound/webhook.hpp"

#include <algorithm>

namespace persais::chat_world {

using namespace std::chrono_literals;

namespace {

constexpr auto steps_most = 400'000; // of one run; with more it is in an endless loop
constexpr auto settles_within = 3h;  // after the last deed and fault
const time_point begin{std::chrono::microseconds(1'767'225'600'000'000)};
constexpr std::int64_t stranger = 9, team = -5;

/// A text that a client splits into so many messages, and that is more than an instruction may be.
constexpr int long_text_parts = 5;
std::string long_part(int number, int part) {
    auto text = fmt::format("at length l{}p{} ", number, part);
    text.append(4000 - text.size(), 'x');
    return text;
}

} // namespace

simulation::simulation(database& on, plan p, bool keep_lines)
    : what(std::move(p)), luck(what.seed ^ 0xc4a7), log(keep_lines), store(on) {
    store.begin_run();
}

simulation::~simulation() {
    store.end_run();
}

time_point simulation::wall(std::chrono::nanoseconds ahead) const {
    return begin + std::chrono::floor<std::chrono::microseconds>(time.now() + ahead);
}

void simulation::pass(const life& of, point where) {
    if (!of.alive) return;
    auto& w = at[of.service];
    if (w.dies_at != where || w.dies_after-- > 0) return;
    w.dies_at.reset();
    note("{} dies at point {}", of.name(), static_cast<int>(where));
    crash(of.service, milliseconds(20 + luck.below(4000, {4, static_cast<std::uint64_t>(of.number)})));
}

void simulation::spread_news() {
    if (std::exchange(news_, true)) return;
    time.after(2ms, [this] {
        news_ = false;
        for (auto& [n, s] : services_)
            s->wake();
    });
}

void simulation::start(int number) {
    if (over_) return;
    auto self = std::make_shared<life>(life{.service = number, .number = ++lives_});
    note("{} starts", self->name());
    services_[number] = std::make_unique<process>(*this, self);
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

void simulation::bury(std::unique_ptr<process> ending) {
    ++dying_;
    auto held = std::shared_ptr<process>(std::move(ending));
    graveyard_.push_back(held);
    time.after(0ns, [this, held] { // not from within a call of the process itself
        held->leave();
        asio::co_spawn(time.io, held->ended(), [this, held](const std::exception_ptr& e) {
            held->self().alive = false;
            --dying_;
            if (e) violated("a service ended with an exception");
        });
    });
}

void simulation::happen(const fault& f) {
    using enum fault::kind;
    if (over_) return;
    note("FAULT {} of service {}, {}", static_cast<int>(f.what), f.service, f.amount);
    auto& w = at[f.service];
    switch (f.what) {
    case crash:
        return this->crash(f.service, milliseconds(f.amount));
    case leave:
        if (auto found = services_.find(f.service); found != services_.end()) {
            ++crashes; // what it was sending may be sent again
            bury(std::exchange(found->second, nullptr));
            services_.erase(found);
            time.after(milliseconds(f.amount), [this, number = f.service] { start(number); });
        }
        return;
    case crash_at_point:
        w.dies_at = static_cast<point>(f.amount % points);
        w.dies_after = f.amount / points % 12;
        return;
    case lose_answer:
        ++w.lost_answers;
        return;
    case lose_request:
        ++w.lost_requests;
        return;
    case fault::kind::database_away:
        this->database_away = std::max(this->database_away, time.now() + f.lasts);
        return;
    case lose_sent:
        ++w.lost_sent;
        return;
    case lose_call:
        ++w.lost_calls;
        return;
    case refuse_call:
        w.refused += 1 + static_cast<int>(f.amount % 3);
        return;
    case flood:
        ++w.floods;
        return;
    case fault::kind::telegram_away:
        this->telegram_away = std::max(this->telegram_away, time.now() + f.lasts);
        return;
    case service_clock:
        w.clock_ahead += milliseconds(f.amount);
        return;
    case last_:
        return;
    }
}

void simulation::act(const person_action& d) {
    using enum person_action::kind;
    auto chat = static_cast<std::int64_t>(d.person);
    auto date = std::chrono::duration_cast<std::chrono::seconds>(wall().time_since_epoch()).count();
    auto& seen = telegram.chats[chat];
    auto newest = [&](auto fits) -> const standing* {
        auto found = std::ranges::find_if(seen.rbegin(), seen.rend(), fits);
        return found == seen.rend() ? nullptr : &*found;
    };
    auto kind = d.what;
    const auto* result = newest([](const standing& s) { return s.from_bot && s.text.contains("task "); });
    const auto* keyed = newest([](const standing& s) { return !s.buttons.empty(); });
    const auto* own = newest([](const standing& s) { return !s.from_bot; });
    if ((kind == reply && !result) || (kind == press && !keyed) || (kind == edit && !own)) kind = instruct;
    auto word = fmt::format("w{}", d.number);
    auto brought = [&](std::int64_t number) {
        note("person {} gives update {}", d.person, number);
        if (!what.hooked) return;
        auto about = static_cast<std::uint64_t>(number);
        for (int n = luck.chance(10, {12, about}) ? 2 : 1; n > 0; --n)
            time.after(milliseconds(luck.below(n == 2 ? 2000 : 40, {13, about})),
                       [this, number] { deliver(number, 0); });
    };
    std::int64_t number = 0;
    switch (kind) {
    case ask:
        number = telegram.says(chat, chat, date, "/ask why " + word);
        break;
    case command: {
        static constexpr std::array all{"/tasks", "/status", "/help", "/repo", "/nonsense"};
        number =
            telegram.says(chat, chat, date, all.at(luck.below(all.size(), {10, static_cast<std::uint64_t>(d.number)})));
        break;
    }
    case reply:
        number = telegram.says(chat, chat, date, "and then " + word, result->id);
        break;
    case press: {
        auto which = luck.below(keyed->buttons.size(), {11, static_cast<std::uint64_t>(d.number)});
        number = telegram.presses(chat, chat, *keyed, keyed->buttons[which]);
        break;
    }
    case edit:
        number = telegram.edits(chat, *own, date, "better do " + word);
        break;
    case long_text:
        for (int part = 1; part < long_text_parts; ++part)
            brought(telegram.says(chat, chat, date, long_part(d.number, part)));
        number = telegram.says(chat, chat, date, long_part(d.number, long_text_parts));
        break;
    case person_action::kind::stranger:
        number = telegram.says(chat_world::stranger, chat_world::stranger, date, "let me in " + word);
        break;
    case group:
        number = telegram.says(chat, team, date, "@mechanic_bot do " + word, 0, true);
        break;
    default:
        number = telegram.says(chat, chat, date, "do " + word);
    }
    brought(number);
}

/// Delivers to one of the running services, and retries until one has acknowledged.
void simulation::deliver(std::int64_t number, int tries) {
    if (over_ || (tries > 0 && telegram.acknowledged.contains(number))) return;
    auto later = std::max<std::chrono::nanoseconds>(telegram_away - time.now(), 1s * (1 << std::min(tries, 6)));
    auto about = static_cast<std::uint64_t>(number);
    if (services_.empty() || time.now() < telegram_away) {
        time.after(later, [this, number, tries] { deliver(number, tries + 1); });
        return;
    }
    auto place = luck.below(services_.size(), {14, about, static_cast<std::uint64_t>(tries)});
    auto& to = *std::next(services_.begin(), static_cast<std::ptrdiff_t>(place))->second;
    note("update {} is brought to {}", number, to.self().name());
    spawn(time.io.get_executor(), "post", post(number, tries, to));
}

awaitable<void> simulation::post(std::int64_t number, int tries, process& to) { // the process lives on in graveyard_
    auto body = telegram.updates.at(number);
    auto reply = co_await telegram::take_call(to.intake(), body);
    auto about = static_cast<std::uint64_t>(number);
    bool heard = to.self().alive && !luck.chance(8, {15, about, static_cast<std::uint64_t>(tries)});
    if (heard && reply.status == 200) {
        note("update {} is acknowledged", number);
        telegram.acknowledged.insert(number);
        co_return;
    }
    time.after(1s * (1 << std::min(tries, 6)), [this, number, tries] { deliver(number, tries + 1); });
}

report simulation::run() {
    for (int n = 1; n <= (what.hooked ? 2 : 1); ++n)
        start(n);
    milliseconds last{};
    for (const auto& d : what.people_actions) {
        time.after(d.at, [this, &d] { act(d); });
        last = std::max(last, d.at);
    }
    for (const auto& f : what.faults) {
        time.after(f.at, [this, &f] { happen(f); });
        last = std::max(last, f.at + f.lasts);
    }
    time.after(last + 10min, [this] {
        for (auto& [n, w] : at) // faults end, so that leases and rows become free
            w = {.clock_ahead = w.clock_ahead};
    });
    report r;
    std::uint64_t steps = 0;
    while (time.now() < last + settles_within && time.step() && ++steps < steps_most && broken_.empty()) {
    }
    if (steps >= steps_most) violated("it never came to rest");
    if (broken_.empty()) judge_chats(*this, r);
    over_ = true;
    for (auto& [n, s] : std::exchange(services_, {}))
        bury(std::move(s));
    for (int n = 0; dying_ > 0 && n < 10'000 && time.step(); ++n) {
    }
    if (dying_ > 0) violated("a service does not end");
    time.io.poll();
    r.violations = broken_;
    r.sum = log.sum();
    r.lines = log.lines();
    r.statements = statements;
    r.crashes = crashes;
    r.doubts = doubts;
    return r;
}

report run(database& on, const plan& what, bool keep_lines) {
    return simulation(on, what, keep_lines).run();
}

} // namespace persais::chat_world
