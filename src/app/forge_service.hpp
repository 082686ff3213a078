#pragma once
#include "app/engine.hpp"
#include "http/request_reader.hpp"
#include "worker/forge_intake.hpp"
#include "worker/forge_poll.hpp"

namespace persais::app {

/// The answer to a call of a forge's webhook.
struct forge_reply {
    int status = 200;
    std::string sentence; // empty with 200
};

/// Whether such a call may send its body: 404 without FORGE_WEBHOOK_SECRET, 401 without a signature.
result<void, forge_reply> admit_forge_call(const config::settings& settings, const http::headers& fields);

/// The forges' part of the service, while the engine is up: hears what is written there, makes tasks of it, and
/// answers.
class forge_service {
public:
    /// Both outlive it.
    forge_service(engine& on, const config::settings& settings);

    /// Runs until cancelled.
    awaitable<void> run();
    /// The database is awake.
    void wake() { intake_.wake(); }
    /// Other repositories may be listened to now.
    void listen_anew() { poll_.wake(); }
    /// Takes the body of a call that was admitted: 200 after the COMMIT that holds what it says.
    awaitable<forge_reply> take(http::request call);

private:
    engine& engine_;
    const config::settings& settings_;
    worker::forge_intake intake_;
    worker::forge_poll poll_;
    std::shared_ptr<bool> here_ = std::make_shared<bool>(true); // a call may end after this object
};

} // namespace persais::app
