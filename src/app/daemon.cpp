#include "app/daemon.hpp"

#include "app/after_restore.hpp"
#include "app/doorbell.hpp"
#include "app/limits.hpp"
#include "config/relations.hpp"
#include "queue/audit.hpp"
#include "sandbox/memory.hpp"
#include "service/access.hpp"
#include "worker/warm_up.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace persais::app {

using mechanic::wait_reason;
using part = ops::health::state;

daemon::daemon(config::reloader& settings, const serve_options& options, ops::health& health, ops::metrics& metrics,
               api::front& api)
    : settings_(settings), secrets_(settings), options_(options), health_(health), metrics_(metrics), front_(api) {}
daemon::~daemon() = default;

void daemon::leave() {
    leaving_ = true;
    if (news_) news_->set();
    if (dispatcher_) dispatcher_->leave();
}

worker::dispatcher_events daemon::events() {
    return {.moved =
                [this](const mechanic::task& t, std::string_view from) {
                    metrics_.task_moved(from, mechanic::name_of(t.now));
                    if (chat_) chat_->moved(t);
                    if (api_) api_->events_may_be_new();
                    auto how = mechanic::verdict_of(t);
                    if (!how || !mechanic::is_settled(t.now)) return;
                    metrics_.task_ended(mechanic::to_string(*how), mechanic::reason_of(t));
                    const auto& spent = t.known.seconds;
                    for (auto [phase, seconds] :
                         {std::pair("preparing", spent.preparing), std::pair("coding", spent.coding),
                          std::pair("checking", spent.checking), std::pair("publishing", spent.publishing)})
                        if (seconds > 0) metrics_.task_phase(phase, std::chrono::duration<double>(seconds));
                },
            .progress =
                [this](task_id id, const mechanic::progress& doing) {
                    if (chat_) chat_->progress(id, doing);
                },
            .running = [this](int n) { metrics_.tasks_running(n); },
            .queued =
                [this](std::optional<int> n) {
                    if (n) metrics_.tasks_queued(*n);
                    if (chat_) chat_->queue_looked_at();
                },
            .database =
                [this](const std::string& trouble) {
                    if (trouble.empty()) was_awake();
                }};
}

engine_options daemon::how_to_start() {
    auto database = [this](store::db_change what, const std::string& sentence) {
        if (what == store::db_change::idle_closed) return; // it is not known to be down
        bool up = what == store::db_change::up;
        metrics_.database_up(up);
        const auto& said = up ? database_lacks_ : sentence;
        health_.set("database", !up ? part::down : said.empty() ? part::up : part::degraded, said);
    };
    return {.database = {.absent = limits::db_absent_service, .changed = database},
            .gateway = {.settled =
                            [this](std::string_view outcome, double usd, std::int64_t sent, std::int64_t received) {
                                metrics_.model_call(outcome);
                                metrics_.model_spent(usd, sent, received);
                            },
                        .warned =
                            [this] {
                                if (chat_) chat_->budgets_warn();
                            },
                        .paused = [this](bool now) { metrics_.spending_paused(now); }},
            .report =
                [this](std::string_view name, bool up, const std::string& sentence) {
                    if (name == "database" && up) database_lacks_ = sentence;
                    health_.set(name, !up ? part::down : sentence.empty() ? part::up : part::degraded, sentence);
                },
            .opened = [this](store::pool& db) { return secrets_.read(db); },
            .hide = options_.hide,
            .not_prepared = [](const std::string& why) { spdlog::warn("{}", why); }};
}

void daemon::measure() {
    if (!engine_) return;
    auto pool = engine_->database().pool().status();
    metrics_.database_pool(pool.open, pool.busy, pool.waiting);
    for (auto ended = engine_->with().backend.memory().ended; told_out_of_memory_ < ended; ++told_out_of_memory_)
        metrics_.out_of_memory_kill();
}

/// Retries until everything is up. False: the service is to end.
awaitable<bool> daemon::bring_up(engine& on) {
    std::chrono::milliseconds pause = limits::bring_up_first;
    std::string said;
    while (!leaving_) {
        bool tried = false;
        background<result<void>> starting(executor_,
                                          [](daemon& me, engine& what, bool& over) -> awaitable<result<void>> {
                                              auto how = co_await what.start();
                                              over = true;
                                              me.news_->set();
                                              co_return how;
                                          }(*this, on, tried));
        while (!tried && !leaving_) {
            news_->reset();
            co_await news_->wait();
        }
        if (leaving_) {
            co_await starting.stop();
            break;
        }
        auto how = co_await starting.join();
        if (how) co_return true;
        if (std::exchange(said, how.error()) != how.error()) spdlog::error("{}", how.error());
        try {
            news_->reset();
            co_await with_deadline(pause, news_->wait());
        } catch (const deadline_passed&) {
        }
        pause = std::min<std::chrono::milliseconds>(pause * 2, limits::bring_up_most);
    }
    co_return false;
}

/// The database has just answered, so that using it now does not wake it.
void daemon::was_awake() {
    if (listener_) listener_->wake();
    if (!secrets_.heard()) secrets_changed();
    if (duties_) duties_->wake();
    if (forges_) forges_->wake();
    if (!keeping_ || !keeping_->due() || leaving_) return;
    if (kept_ && !kept_->finished()) return;
    kept_.emplace(executor_, keeping_->run());
    if (chat_) chat_->budgets_warn(); // of what another process used up
    if (!fetching_ || fetching_->finished()) fetching_.emplace(executor_, keeping_->fetch_rests());
}

awaitable<void> daemon::hear_bell(doorbell& bell) {
    for (;;) {
        co_await bell.wait();
        dispatcher_->wake();
    }
}

awaitable<void> daemon::work_with(engine& on) {
    for (const auto& notice : on.notices())
        spdlog::info("{}", notice);
    const auto& s = settings_.now();
    for (const auto& line : config::missing(s))
        spdlog::warn("{}", line);
    const auto& plan = on.memory();
    spdlog::info("{}", sandbox::words(on.with().backend.memory()));
    spdlog::info("ready: up to {} task{} at once, {} of memory for each{}", plan.parallel,
                 plan.parallel == 1 ? "" : "s", sandbox::mebibytes(plan.task_bytes),
                 s.tasks_parallel ? "" : " (by this machine's memory; TASKS_PARALLEL sets it)");
    auto bell = doorbell::hang(executor_, on.own_folder().short_path());
    if (!bell) spdlog::error("{}", bell.error());
    keeping_.emplace(on.with(), on.database().pool());
    duties_.emplace(on.with(), on.database().pool());
    worker::dispatcher work(on.driver(), static_cast<int>(plan.parallel), events());
    chat_service chat(
        executor_, on, s, metrics_, options_.version, [&work] { work.wake(); },
        [this](const std::string& trouble) {
            health_.set("telegram", trouble.empty() ? part::up : part::down, trouble);
        });
    forge_service forges(on, s);
    engine_ = &on;
    forges_ = &forges;
    dispatcher_ = &work;
    chat_ = &chat;
    listen_to(on);
    backups saving(on, s, options_.exe_folder, options_.version, metrics_, [this] { return tell_admins_of_backups(); });
    backups_ = &saving;
    background<void> saved(executor_, saving.run());
    background<void> warming(executor_, worker::warm_up(on.with()));
    api_service calls(
        executor_, on, s, [&work] { work.wake(); },
        [this] { return listener_ && listener_->state() == store::listening::on; });
    api_ = &calls;
    background<void> streaming(executor_, calls.run());
    front_.open(calls.dependencies());
    background<void> recording(executor_, record_rights());
    background<void> closing(executor_, duties_->run());
    background<void> hearing_forges(executor_, forges.run());
    background<void> chatting(executor_, chat.run());
    std::optional<background<void>> hearing;
    if (bell) hearing.emplace(executor_, hear_bell(**bell));
    co_await look_for_pause();                                                   // before a task starts its agent
    co_await wake_waiting({wait_reason::day_budget, wait_reason::month_budget}); // the settings may give more now
    if (leaving_) work.leave();
    co_await work.run();
    co_await front_.close();
    api_ = nullptr;
    co_await streaming.stop();
    saving.leave();
    backups_ = nullptr;
    co_await saved.stop();
    chat_ = nullptr;
    co_await chatting.stop();
    listener_.reset();
    if (hearing) co_await hearing->stop();
    co_await recording.stop();
    co_await warming.stop();
    co_await closing.stop();
    forges_ = nullptr;
    co_await hearing_forges.stop();
    duties_.reset();
    if (kept_) co_await kept_->stop();
    if (fetching_) co_await fetching_->stop();
    kept_.reset();
    fetching_.reset();
    keeping_.reset();
    dispatcher_ = nullptr;
    engine_ = nullptr;
}

awaitable<void> daemon::run() {
    executor_ = co_await asio::this_coro::executor;
    news_.emplace(executor_);
    if (settings_.now().telegram_bot_token.empty()) health_.set("telegram", part::up);
    engine on(settings_.now(), options_.exe_folder, how_to_start());
    if (co_await bring_up(on)) co_await work_with(on);
    co_await on.stop();
}

/// The rights that the settings give stand in the audit as those do that people give.
awaitable<void> daemon::record_rights() {
    if (!engine_) co_return;
    try {
        auto& db = engine_->database().pool();
        if (int n = co_await queue::record_rights(db, service::rights_by_settings(settings_.now())); n > 0)
            spdlog::info("rights by settings: {} change{} stand{} in the audit", n, n == 1 ? "" : "s",
                         n == 1 ? "s" : "");
    } catch (const store::db_error& e) {
        spdlog::error("changes of rights by settings stand in the audit only after the next start: {}", e.what());
    }
}

awaitable<void> daemon::tell_admins_of_backups() {
    co_await tell_admins_of_old_backups(engine_->database().pool(), settings_.now());
    if (chat_) chat_->queue_looked_at();
}

awaitable<void> daemon::wake_waiting(std::vector<wait_reason> causes) {
    try {
        if (int n = co_await engine_->with().requests.wake(std::move(causes)); n > 0)
            spdlog::info("{} waiting task{} go{} on", n, n == 1 ? "" : "s", n == 1 ? "es" : "");
    } catch (const store::db_error& e) {
        spdlog::warn("waiting tasks could not be woken, they go on by themselves within an hour: {}", e.what());
    }
    if (dispatcher_) dispatcher_->wake();
}

result<void, telegram::hook_reply> daemon::admit_webhook(std::string_view shown) const {
    const auto& s = settings_.now();
    if (s.telegram_bot_token.empty()) return std::unexpected(telegram::hook_reply{404, "There is no Telegram here."});
    if (chat_) return chat_->admit_webhook(shown);
    const auto& right = s.telegram_webhook_secret;
    if (!right.empty() && !telegram::same_secret(shown, right)) return std::unexpected(telegram::wrong_secret());
    return std::unexpected(telegram::come_later());
}

awaitable<telegram::hook_reply> daemon::webhook(std::string body) {
    if (chat_) co_return co_await chat_->webhook(std::move(body));
    co_return telegram::come_later(); // the database went away after the secret was checked
}

awaitable<forge_reply> daemon::forge_call(http::request call) {
    if (forges_) co_return co_await forges_->take(std::move(call));
    co_return forge_reply{503, "The service is not ready yet: send it again later."};
}

void daemon::renew(const std::vector<std::string>& changed) {
    if (!engine_) return;
    engine_->renew();
    if (chat_) chat_->renew(changed);
    if (backups_) backups_->renew();
    if (forges_) forges_->listen_anew();
    std::vector<wait_reason> causes;
    auto has = [&](std::string_view name) { return std::ranges::find(changed, name) != changed.end(); };
    if (has("PERSAIS_MASTER_KEY")) {
        secrets_changed();
        repositories_changed();
    }
    if (has("OPENROUTER_API_KEY")) causes.insert(causes.end(), {wait_reason::key, wait_reason::credit});
    if (has("BUDGET_DAY_USD")) causes.push_back(wait_reason::day_budget);
    if (has("BUDGET_MONTH_USD")) causes.push_back(wait_reason::month_budget);
    if (has("GIT_ACCESS_TOKEN") || has("GIT_SSH_KEY") || has("GITHUB_APP_KEY"))
        causes.push_back(wait_reason::remote_away);
    if (has("GIT_SIGNING_KEY")) causes.push_back(wait_reason::world); // with the one before nothing could be signed
    if (has("DATABASE_URL") || has("DIRECT_URL")) {
        if (auto ok = engine_->database().renew(settings_.now().database_url); !ok) {
            spdlog::warn("{}", ok.error());
        } else {
            listener_.reset();
            listen_to(*engine_);
        }
    }
    if (has("TELEGRAM_ADMIN_IDS") || has("ALLOWED_USER_IDS") || has("DEPLOY_RULES"))
        spawn(executor_, "record rights", record_rights());
    if (!causes.empty()) spawn(executor_, "wake waiting tasks", wake_waiting(std::move(causes)));
}

} // namespace persais::app
