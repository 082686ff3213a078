#pragma once
#include "app/engine.hpp"
#include "base/random.hpp"
#include "base/seal.hpp"
#include "ops/metrics.hpp"
#include "telegram/dialog/update_handler.hpp"
#include "telegram/inbound/update_source.hpp"
#include "telegram/inbound/webhook.hpp"
#include "telegram/outbound/sender.hpp"
#include "telegram/outbound/status_messages.hpp"

#include <list>

namespace persais::app {

/// Telegram's part of the service, while the engine is up: receives updates, handles them, and sends messages.
class chat_service {
public:
    /// All references outlive it. `wake_workers`: a task was added, or somebody asked something of one.
    /// `takes_updates` is told when calls of the webhook are accepted from then on (or there is no Telegram), or why
    /// not yet.
    chat_service(const asio::any_io_executor& executor, engine& on, const config::settings& settings,
                 ops::metrics& metrics, std::string version, std::function<void()> wake_workers,
                 std::function<void(const std::string& trouble)> takes_updates);
    ~chat_service();

    /// Runs until cancelled.
    awaitable<void> run();
    /// Settings changed: names as config::reloaded returns them.
    void renew(const std::vector<std::string>& changed);
    /// A task's state changed, or there is news of its progress: its message in the chat is updated.
    void moved(const mechanic::task& t);
    void progress(task_id id, const mechanic::progress& doing);
    /// The workers read the queue: the places of waiting tasks may have changed, and other services may have died with
    /// work in hand.
    void queue_looked_at();
    /// The master key may be another one, or be changed just now. Throws db_error.
    awaitable<void> renew_seal();
    /// A budget is used up to four fifths: the admins are told, once.
    void budgets_warn();
    /// Whether a call of the webhook with this secret is accepted; if it is, webhook() takes the body.
    result<void, telegram::hook_reply> admit_webhook(std::string_view shown) const;
    /// Stores the update in a call's body: 200, or 503 when it cannot be stored now.
    awaitable<telegram::hook_reply> webhook(std::string body);

private:
    awaitable<bool> converse_until_news();
    awaitable<void> converse();
    awaitable<void> carry_messages();
    awaitable<bool> anything_left();
    awaitable<void> take_over();
    awaitable<void> read();
    awaitable<void> warn_of_budgets();
    awaitable<void> find_secret();
    awaitable<void> remember_secret();
    telegram::update_handler_dependencies update_handling();
    telegram::sender_events sending();
    void run_beside(awaitable<void> what);
    telegram::update_reader_dependencies reading();
    telegram::intake_dependencies taking_in();
    telegram::update_source_dependencies receiving();

    asio::any_io_executor executor_;
    engine& engine_;
    const config::settings& settings_;
    ops::metrics& metrics_;
    std::string version_;
    std::function<void()> wake_workers_;
    std::function<void(const std::string& trouble)> takes_updates_;
    system_clock time_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    std::list<background<void>> beside_;
    std::list<background<void>> calls_; // at most limits::calls_at_once
    event news_;                        // set when settings change
    event others_;                      // set when any worker was active, as far as this process knows
    bool other_bot_ = false;            // token or address changed since the bot last spoke
    std::optional<seal> seal_;
    telegram::hook_secrets secrets_;
    std::unique_ptr<telegram::api> api_;
    service::tasks tasks_;
    service::mirror_diffs diffs_;
    service::git_remotes remotes_;
    std::unique_ptr<service::model_catalogue> models_;
    telegram::telegram_client client_;
    telegram::status_messages status_messages_;
    telegram::sender sender_;
    telegram::update_handler update_handler_;
    telegram::update_reader reader_;
    event introduced_; // the bot's name is known, since the settings changed
    telegram::intake intake_;
    telegram::update_source update_source_;
};

} // namespace persais::app
