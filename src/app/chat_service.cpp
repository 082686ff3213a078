#include "app/chat_service.hpp"

#include "app/chat_views.hpp"
#include "app/limits.hpp"
#include "base/limits.hpp"
#include "queue/secrets.hpp"
#include "service/master_seal.hpp"
#include "service/money.hpp"
#include "service/tasks.hpp"
#include "telegram/dialog/command_handlers.hpp"
#include "telegram/dialog/told_admins.hpp"
#include "telegram/outbound/limits.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace persais::app {

namespace {

/// What the gateway knows of the endpoint's list.
class listed_by_gateway final : public service::model_catalogue {
public:
    explicit listed_by_gateway(engine& on) : engine_(on) {}
    awaitable<std::optional<std::vector<std::string>>> names() override {
        try {
            auto all = co_await with_deadline(limits::model_list_wait, engine_.with().gateway.models());
            if (!all.empty()) co_return all;
        } catch (const deadline_passed&) { // the person does not wait for it
        }
        co_return std::nullopt;
    }
    awaitable<bool> knows(std::string name) override {
        co_return (co_await engine_.with().gateway.facts(std::move(name))).known;
    }

private:
    engine& engine_;
};

// Names of rows in `secrets`.
constexpr auto made_secret = "telegram_webhook";
constexpr auto registered_secret = "telegram_webhook_registered";

} // namespace

chat_service::chat_service(const asio::any_io_executor& executor, engine& on, const config::settings& settings,
                           ops::metrics& metrics, std::string version, std::function<void()> wake_workers,
                           std::function<void(const std::string& trouble)> takes_updates)
    : executor_(executor), engine_(on), settings_(settings), metrics_(metrics), version_(std::move(version)),
      wake_workers_(std::move(wake_workers)), takes_updates_(std::move(takes_updates)), news_(executor),
      others_(executor), api_(telegram::make_api(
                             executor, [this] { return settings_.telegram_api_root; },
                             [this] { return settings_.telegram_bot_token; }, settings.ssl_cert_file)),
      tasks_(settings, on.database().tasks(), time_), diffs_(on.with().mirrors, settings, on.with().tokens),
      remotes_(settings, [&on](const auto& remote, const auto& token) { on.keep_token(remote, token); }),
      models_(std::make_unique<listed_by_gateway>(on)), client_(*api_, time_),
      status_messages_(on.database().pool(), client_, time_,
                       chat_views(
                           on.with(), diffs_, on.database().pool(),
                           [this](std::int64_t chat) { return update_handler_.admin_reads(chat); },
                           [this] { metrics_.telegram_sent("gone"); })),
      sender_(on.database().pool(), client_, status_messages_,
              {on.own_folder().path().filename().string(), [this] { return settings_.lease_ttl; }}, sending(),
              [this](std::string_view sealed) { return seal_->open(sealed, telegram::sealed_message); }),
      update_handler_(update_handling()), reader_(executor, on.database().pool(), reading()), introduced_(executor),
      intake_(executor, on.database().pool(), taking_in()), update_source_(*api_, intake_, secrets_, receiving()) {
    tasks_.know(&on.repositories());
    if (!settings.telegram_webhook_secret.empty()) secrets_.set(settings.telegram_webhook_secret);
}

chat_service::~chat_service() = default;

telegram::update_handler_dependencies chat_service::update_handling() {
    return {.settings = settings_,
            .db = engine_.database().pool(),
            .tasks = tasks_,
            .diffs = diffs_,
            .remotes = remotes_,
            .models = *models_,
            .time = time_,
            .sealing = [this]() -> const seal& { return *seal_; },
            .refused = [this] { metrics_.telegram_refused(); },
            .wake_workers = wake_workers_,
            .spending_paused = [this] { engine_.with().gateway.pause(); },
            .wake_sender = [this] { sender_.wake(); },
            .call =
                [this](std::string method, std::string body) {
                    std::erase_if(calls_, [](const auto& each) { return each.finished(); });
                    if (calls_.size() >= limits::calls_at_once) return; // by the time of its turn it would be of no use
                    calls_.emplace_back(executor_,
                                        [](telegram::api& to, std::string m, std::string b) -> awaitable<void> {
                                            co_await to.call(std::move(m), std::move(b));
                                        }(*api_, std::move(method), std::move(body)));
                },
            .read_document = [this](telegram::attachment what) { return read_document(*api_, std::move(what)); },
            .beside = [this](awaitable<void> what) { run_beside(std::move(what)); },
            .facts =
                [this] {
                    auto up = std::chrono::steady_clock::now() - since_;
                    return telegram::service_facts{.version = version_,
                                                   .up = std::chrono::duration_cast<std::chrono::seconds>(up),
                                                   .sandbox = engine_.with().backend.confines() ? "bubblewrap" : ""};
                },
            .repositories = &engine_.repositories()};
}

void chat_service::run_beside(awaitable<void> what) {
    std::erase_if(beside_, [](const auto& each) { return each.finished(); });
    beside_.emplace_back(executor_, std::move(what));
}

telegram::sender_events chat_service::sending() {
    return {.in_doubt = [this] { metrics_.telegram_unknown_send(); },
            .sent = [this](std::string_view how) { metrics_.telegram_sent(how); }};
}

void chat_service::moved(const mechanic::task& t) {
    status_messages_.moved(t.id, mechanic::is_settled(t.now));
    sender_.wake();
}

void chat_service::budgets_warn() {
    if (!settings_.telegram_bot_token.empty()) run_beside(warn_of_budgets());
}

/// Of several processes one tells each.
awaitable<void> chat_service::warn_of_budgets() {
    auto& db = engine_.database().pool();
    try {
        for (const auto& each : co_await queue::untold_warnings(db)) {
            auto admins = co_await update_handler_.admins_now(); // the terminal may have taken somebody out
            auto told = co_await telegram::admins_hear(db, std::move(admins), each);
            if (told.empty()) continue;
            try {
                co_await db.transact(std::move(told));
            } catch (const store::db_error& e) {
                if (e.sqlstate != telegram::decide_again) throw;
            }
        }
    } catch (const store::db_error& e) { // at the next start, with the next warning, or with what is done daily
        spdlog::warn("the admins were not told how much of a budget is used up: {}", e.what());
    }
    sender_.wake();
}

void chat_service::progress(task_id id, const mechanic::progress& doing) {
    status_messages_.progress(id, doing);
}

telegram::update_reader_dependencies chat_service::reading() {
    return {.look_over = [this](const telegram::arrived_page& page) { return update_handler_.look_over(page); },
            .dismiss = [this](const telegram::arrived& one) { return update_handler_.dismiss(one); },
            .decide = [this](const telegram::arrived& one) { return update_handler_.decide(one); },
            .settled = [this](std::string_view effect) { metrics_.telegram_update(effect); }};
}

/// No update is turned away before it is known who has rights, and how a group addresses the bot.
telegram::intake_dependencies chat_service::taking_in() {
    return {.turn_away =
                [this](telegram::stored_update& raw) {
                    if (!introduced_.is_set()) return;
                    auto away = update_handler_.turn_away_at_the_door(telegram::read_kept(raw.number, raw.body));
                    if (!away) return;
                    raw.effect = away->effect;
                    raw.person = away->person;
                },
            .turned_away =
                [this](std::string_view effect) {
                    metrics_.telegram_update(effect);
                    if (effect == "refused") metrics_.telegram_refused();
                },
            .stored = [this] { reader_.wake(); }};
}

telegram::update_source_dependencies chat_service::receiving() {
    return {.webhook_url = [this] { return settings_.telegram_webhook_url; },
            .commands = [this] { return telegram::command_lists(update_handler_.admins()); },
            .known =
                [this](const telegram::bot& me) {
                    spdlog::info("Telegram: the bot is @{}", me.username);
                    update_handler_.introduce(me);
                    introduced_.set();
                },
            .webhook_set =
                [this] {
                    secrets_.retire(std::chrono::steady_clock::now() + limits::webhook_secret_overlap);
                    spawn(executor_, "telegram secret", remember_secret());
                },
            .reached = [this](const std::string& trouble) { metrics_.telegram_reached(trouble.empty()); }};
}

awaitable<void> chat_service::renew_seal() {
    auto both = co_await service::master_seal(engine_.database().pool(), settings_);
    if (!both) spdlog::warn("{}", both.error());
    if (both)
        seal_ = std::move(*both);
    else if (!seal_)
        seal_.emplace(secret(random_bytes(32)));
}

/// Sets the current secret: TELEGRAM_WEBHOOK_SECRET, else one that was generated once. The secret that Telegram was
/// given last may be another one, and is accepted too.
awaitable<void> chat_service::find_secret() {
    auto& db = engine_.database().pool();
    co_await renew_seal();
    auto opened = [&](std::string_view name, const std::optional<std::string>& sealed) {
        return sealed ? seal_->open(*sealed, name) : std::nullopt;
    };
    auto current = settings_.telegram_webhook_secret;
    if (current.empty()) {
        auto kept = opened(made_secret, co_await queue::load_secret(db, made_secret));
        if (!kept) {
            kept = telegram::new_hook_secret();
            co_await queue::keep_secret(db, made_secret, seal_->shut(*kept, made_secret));
        }
        current = *kept;
    }
    auto registered = opened(registered_secret, co_await queue::load_secret(db, registered_secret));
    secrets_.set(current);
    if (registered && *registered != current) secrets_.accept_too(*registered);
}

awaitable<void> chat_service::remember_secret() {
    auto current = secrets_.current();
    co_await queue::keep_secret(engine_.database().pool(), registered_secret, seal_->shut(current, registered_secret));
}

result<void, telegram::hook_reply> chat_service::admit_webhook(std::string_view shown) const {
    return telegram::admit_call(secrets_, shown);
}

awaitable<telegram::hook_reply> chat_service::webhook(std::string body) {
    co_return co_await telegram::take_call(intake_, std::move(body));
}

void chat_service::renew(const std::vector<std::string>& changed) {
    if (std::ranges::none_of(
            changed, [](const auto& name) { return name.starts_with("TELEGRAM_") || name == "ALLOWED_USER_IDS"; }))
        return;
    other_bot_ = other_bot_ || std::ranges::any_of(changed, [](const auto& name) {
                     return name == "TELEGRAM_BOT_TOKEN" || name == "TELEGRAM_API_ROOT";
                 });
    news_.set();
}

/// Begins again after each change of the settings; what is in the inbox stays.
awaitable<void> chat_service::run() {
    while (co_await uninterrupted(converse_until_news())) {
    }
}

/// False: cancelled.
awaitable<bool> chat_service::converse_until_news() {
    news_.reset();
    background<void> conversing(executor_, converse());
    bool news = true;
    try {
        co_await news_.wait();
    } catch (const boost::system::system_error&) { // cancelled; only this wait hears of it, the next one would not
        news = false;
    }
    co_await conversing.stop();
    co_return news;
}

/// Waits until the bot's own name is known, because messages to it in a group would be taken for messages to others.
awaitable<void> chat_service::read() {
    co_await introduced_.wait();
    co_await reader_.run();
}

void chat_service::queue_looked_at() {
    status_messages_.queue_moved();
    others_.set();
}

awaitable<bool> chat_service::anything_left() {
    try {
        co_return co_await telegram::anything_left(engine_.database().pool());
    } catch (const store::db_error&) { // not known
    }
    co_return true;
}

/// Takes over what a service that died was to read or to send, because nobody else was told of it. The wait is long
/// enough for its leases to end. Soon after a worker was active it is asked whether anything is left at all; if not,
/// nothing is read later, so that a database can go to sleep.
awaitable<void> chat_service::take_over() {
    for (;;) {
        co_await others_.wait();
        others_.reset();
        co_await sleep_for(limits::own_messages_go);
        if (settings_.telegram_bot_token.empty() || !co_await anything_left()) continue;
        co_await sleep_for(sender_.holds_for());
        sender_.wake();
        reader_.wake();
    }
}

awaitable<void> chat_service::converse() {
    if (settings_.telegram_bot_token.empty()) {
        takes_updates_("");
        co_return;
    }
    for (;;) {
        try {
            co_await find_secret();
            co_await telegram::free_holds(engine_.database().pool(), engine_.died_before());
            if (auto line = co_await update_handler_.begin(); !line.empty()) spdlog::warn("{}", line);
            budgets_warn(); // what a crash left untold
            if (other_bot_) {
                co_await telegram::hurry_outgoing(engine_.database().pool());
                client_.begin_anew();
                other_bot_ = false;
            }
            break;
        } catch (const store::db_error& e) {
            takes_updates_(
                fmt::format("Telegram waits for the database: {}", e.what())); // logged as a change of health
        }
        co_await sleep_for(limits::db_backoff_most);
    }
    introduced_.reset();
    takes_updates_("");
    co_await uninterrupted(carry_messages());
}

/// Runs until cancelled, and until everything that it started has ended.
awaitable<void> chat_service::carry_messages() {
    background<void> reading(executor_, read());
    background<void> receiving(executor_, update_source_.run());
    background<void> sending_all(executor_, sender_.run());
    background<void> telling(executor_, status_messages_.run());
    background<void> taking_over(executor_, take_over());
    wake_workers_(); // for tasks that were added just before we restarted
    event never(executor_);
    try {
        co_await never.wait();
    } catch (const boost::system::system_error&) { // cancelled
    }
    for (auto* each : {&receiving, &reading, &sending_all, &telling, &taking_over})
        co_await each->stop();
    for (auto* some : {&beside_, &calls_}) {
        for (auto& each : *some)
            co_await each.stop();
        some->clear();
    }
}

} // namespace persais::app
