// What a service hears of changes that other processes made, and of those that were made while nobody listened.
#include "app/daemon.hpp"
#include "queue/event_feed.hpp"
#include "queue/money.hpp"
#include "queue/secrets.hpp"
#include "store/address.hpp"

#include <spdlog/spdlog.h>

namespace persais::app {

using mechanic::wait_reason;

/// A repository is another one than it was, or may have become one while nobody listened.
void daemon::repositories_changed() {
    if (!engine_ || leaving_) return;
    engine_->repositories().set_hears(true);
    spawn(executor_, "read repositories", read_repositories());
}

awaitable<void> daemon::read_repositories() {
    try {
        bool other_token = co_await engine_->repositories().refresh();
        if (forges_) forges_->listen_anew();
        if (other_token && engine_) co_await wake_waiting({wait_reason::remote_away});
    } catch (const store::db_error& e) {
        if (leaving_) co_return;
        spdlog::warn("the settings of repositories could not be read, each step of a task reads them: {}", e.what());
        if (engine_) engine_->repositories().set_hears(false);
    }
}

/// A secret was set at run time, or may have been while nobody listened.
void daemon::secrets_changed() {
    if (engine_ && !leaving_) spawn(executor_, "read secrets", read_secrets());
}

awaitable<void> daemon::read_secrets() {
    if (!engine_) co_return;
    try {
        co_await secrets_.read(engine_->database().pool());
        if (chat_) co_await chat_->renew_seal();
    } catch (const store::db_error& e) {
        if (!leaving_) spdlog::warn("whether secrets were set at run time is not known: {}", e.what());
    }
}

/// Somebody paused all spending or let it go on, or may have while nobody listened.
void daemon::pause_changed() {
    if (engine_ && !leaving_) spawn(executor_, "look for a pause", look_for_pause());
}

awaitable<void> daemon::look_for_pause() {
    if (!engine_) co_return;
    try {
        co_await engine_->with().gateway.look_for_pause();
    } catch (const store::db_error& e) { // the next call of a model finds it out
        spdlog::warn("whether spending is paused is not known: {}", e.what());
    }
}

void daemon::listen_to(engine& on) {
    const auto& s = settings_.now();
    auto url = store::direct_url(on.database().url(), s.direct_url);
    if (!url) {
        spdlog::info("no direct way to the database is known (DIRECT_URL): tasks that another machine adds are seen "
                     "when this one looks next");
        return;
    }
    try {
        listener_ = std::make_unique<store::listener>(
            executor_,
            store::listener_options{.url = *url,
                                    .channels = {queue::channel, queue::repositories_channel, queue::secrets_channel,
                                                 queue::events_channel},
                                    .ca_file = s.ssl_cert_file,
                                    .setting = s.direct_url.empty() ? "DATABASE_URL" : "DIRECT_URL"},
            store::listener_events{
                .notified =
                    [this](const std::string& channel, const std::string& said) {
                        if (channel == queue::events_channel) {
                            if (api_ && said == queue::rights_changed)
                                api_->rights_may_be_new();
                            else if (api_)
                                api_->events_may_be_new();
                            return; // nothing for workers
                        }
                        if (channel == queue::repositories_channel) repositories_changed();
                        if (channel == queue::secrets_channel) secrets_changed();
                        if (channel == queue::channel && said == queue::pause_changed) pause_changed();
                        dispatcher_->wake();
                    },
                .connected =
                    [this] {
                        secrets_.set_heard(true);
                        secrets_changed();
                        repositories_changed();
                        pause_changed();
                        if (api_) {
                            api_->rights_may_be_new();
                            api_->events_may_be_new();
                        }
                        dispatcher_->wake();
                    },
                .lost =
                    [this](const std::string& why, bool asleep) {
                        if (engine_) engine_->repositories().set_hears(false);
                        secrets_.set_heard(false);
                        if (asleep)
                            spdlog::info("the database closed what was idle, as one does that goes to sleep: {}", why);
                        else
                            spdlog::warn("not listening to the database: {}", why);
                    }});
        listener_->wake();
    } catch (const store::db_error& e) { // the address cannot be parsed
        spdlog::error("tasks that another machine adds are seen only when this one looks next: {}", e.what());
    }
}

} // namespace persais::app
