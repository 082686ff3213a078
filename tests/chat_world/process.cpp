#include "chat_world/process.hpp"

#include "mechanic/step.hpp"
#include "service/tasks.hpp"

namespace persais::chat_world {

using namespace std::chrono_literals;
using mechanic::task;

config::settings process::settings(bool hooked) {
    config::settings s;
    s.telegram_admin_ids = {1};
    s.allowed_user_ids = {1, 2, 3};
    s.telegram_access_requests = true;
    s.git_remote_url = "/srv/r.git";
    s.aider_model = "a/b";
    s.budget_task_usd = 5;
    s.task_attempts = 3;
    s.repair_rounds = 1;
    if (hooked) s.telegram_webhook_url = "https://bot.example.org/telegram/webhook";
    return s;
}

const telegram::hook_secrets& process::secrets() {
    static const auto made = [] {
        telegram::hook_secrets s;
        s.set(secret("sesame"));
        return s;
    }();
    return made;
}

std::string message_text(const task& t) {
    return fmt::format("task {} is {} in turn {}", t.id.value, mechanic::name_of(t.now), t.known.turn);
}

std::string notice_text(task_id id, std::string_view sentence) {
    return fmt::format("of task {}: {}", id.value, sentence);
}

process::process(simulation& in, std::shared_ptr<life> of)
    : in_(in), life_(std::move(of)), settings_(settings(in.what.hooked)), clock_(in, life_->service), db_(in, life_),
      api_(in, life_), tasks_(db_, life_->name(), 10s), client_(api_, clock_),
      status_messages_(db_, client_, clock_, views()),
      sender_(db_, client_, status_messages_, {life_->name(), [] { return 10s; }}, {}), update_handler_(attending()),
      reader_(in.time.io.get_executor(), db_,
              {.look_over = [this](const telegram::arrived_page& page) { return update_handler_.look_over(page); },
               .dismiss = [this](const telegram::arrived& one) { return update_handler_.dismiss(one); },
               .decide = [this](const telegram::arrived& one) { return update_handler_.decide(one); },
               .settled = {}}),
      introduced_(in.time.io.get_executor()),
      intake_(in.time.io.get_executor(), db_,
              {.turn_away =
                   [this](telegram::stored_update& raw) {
                       if (!introduced_.is_set()) return;
                       auto away = update_handler_.turn_away_at_the_door(telegram::read_kept(raw.number, raw.body));
                       if (!away) return;
                       raw.effect = away->effect;
                       raw.person = away->person;
                   },
               .turned_away = {},
               .stored = [this] { reader_.wake(); }}),
      update_source_(api_, intake_, secrets(), receiving()),
      dependencies_{.time = clock_,
                    .leases = tasks_,
                    .requests = tasks_,
                    .make_executor = [this](const worker::observer&, task_id id,
                                            fence) { return make_executor(in_, life_, id); }},
      work_(dependencies_, 2,
            {.moved =
                 [this](const task& t, std::string_view) {
                     if (!life_->alive) return;
                     status_messages_.moved(t.id, mechanic::is_settled(t.now));
                     sender_.wake();
                 },
             .progress = [this](task_id id, const mechanic::progress& doing) { status_messages_.progress(id, doing); },
             .running = {},
             .queued = [this](std::optional<int>) { status_messages_.queue_moved(); },
             .database = {}}),
      working_(in.time.io.get_executor(), work_.run()), conversing_(in.time.io.get_executor(), converse()) {}

void process::wake() {
    if (life_->alive) work_.wake();
}

telegram::update_handler_dependencies process::attending() {
    return {
        .settings = settings_,
        .db = db_,
        .tasks = rules_,
        .diffs = diffs_,
        .remotes = remotes_,
        .models = models_,
        .time = clock_,
        .sealing = [this]() -> const seal& { return sealing_; },
        .refused = {},
        .wake_workers = [this] { work_.wake(); },
        .wake_sender = [this] { sender_.wake(); },
        .call =
            [this](std::string method, std::string body) {
                beside_.emplace_back(in_.time.io.get_executor(),
                                     [](telegram::api& to, std::string m, std::string b) -> awaitable<void> {
                                         co_await to.call(std::move(m), std::move(b));
                                     }(api_, std::move(method), std::move(body)));
            },
        .read_document = [this](telegram::attachment what) { return read_document(api_, std::move(what)); },
        .beside = [this](awaitable<void> what) { beside_.emplace_back(in_.time.io.get_executor(), std::move(what)); },
        .facts = [] { return telegram::service_facts{.version = "1", .sandbox = "bubblewrap"}; }};
}

telegram::task_views process::views() {
    using telegram::outgoing;
    return {
        .message = [this](task_id id, std::optional<mechanic::progress>,
                          telegram::language) -> awaitable<std::optional<telegram::task_view>> {
            auto found = co_await tasks_.load(id);
            if (!found) co_return std::nullopt;
            const auto& t = found->task;
            outgoing view{.text = telegram::plain(message_text(t)), .rows = {}};
            auto key = [&](telegram::action what) { view.rows.push_back({{.label = "x", .what = what, .task = id}}); };
            if (!mechanic::is_settled(t.now)) key(telegram::action::abort);
            if (std::holds_alternative<mechanic::failed>(t.now)) key(telegram::action::retry);
            if (std::holds_alternative<mechanic::answered>(t.now)) key(telegram::action::make_task);
            if (t.known.made) key(telegram::action::diff);
            co_return telegram::task_view{std::move(view), t.known.turn, std::string(mechanic::name_of(t.now)),
                                          mechanic::is_settled(t.now)};
        },
        .notices = [this](task_id id, std::string sentence, telegram::language) -> awaitable<std::vector<outgoing>> {
            std::vector<outgoing> all;
            auto found = co_await tasks_.load(id);
            if (!found || is_withdrawn(found->task)) co_return all;
            all.push_back({.text = telegram::plain(notice_text(id, sentence)), .rows = {}});
            co_return all;
        },
        .earlier = [](task_id id, int turn, telegram::language) -> awaitable<std::optional<outgoing>> {
            co_return outgoing{.text =
                                   telegram::plain(fmt::format("task {} came to something in turn {}", id.value, turn)),
                               .rows = {}};
        },
        .earlier_notices = [](task_id id, int turn, telegram::language) -> awaitable<std::vector<outgoing>> {
            std::vector<outgoing> all;
            all.push_back({.text = telegram::plain(notice_text(id, fmt::format("turn {} is over", turn))), .rows = {}});
            co_return all;
        }};
}

telegram::update_source_dependencies process::receiving() {
    return {.webhook_url = [this] { return settings_.telegram_webhook_url; },
            .commands = [] { return std::vector<std::string>{}; },
            .known =
                [this](const telegram::bot& me) {
                    update_handler_.introduce(me);
                    introduced_.set();
                },
            .webhook_set = [] {},
            .reached = {}};
}

awaitable<void> process::read() {
    co_await introduced_.wait();
    co_await reader_.run();
}

awaitable<void> process::converse() {
    for (;;) {
        try {
            co_await update_handler_.begin();
            break;
        } catch (const store::db_error&) { // it is in the log
        }
        co_await sleep_for(5s);
    }
    co_await uninterrupted(carry_messages());
}

awaitable<void> process::carry_messages() {
    auto executor = in_.time.io.get_executor();
    background<void> reading(executor, read()), receiving(executor, update_source_.run()),
        sending(executor, sender_.run()), telling(executor, status_messages_.run());
    work_.wake();
    event none(executor);
    try {
        co_await none.wait();
    } catch (const boost::system::system_error&) { // cancelled
    }
    for (auto* each : {&receiving, &reading, &sending, &telling})
        co_await each->stop();
    for (auto& each : beside_)
        co_await each.stop();
    beside_.clear();
}

awaitable<void> process::ended() {
    co_await conversing_.stop();
    co_await working_.join();
}

} // namespace persais::chat_world
