#pragma once
#include "chat_world/world.hpp"
#include "queue/pg_tasks.hpp"
#include "telegram/dialog/update_handler.hpp"
#include "telegram/inbound/update_source.hpp"
#include "telegram/outbound/sender.hpp"
#include "telegram/outbound/status_messages.hpp"
#include "worker/dispatcher.hpp"

#include <list>

namespace persais::chat_world {

/// A process's access to the database, with the faults of its service.
class way_to_store final : public store::pool {
public:
    way_to_store(simulation& in, std::shared_ptr<const life> of) : in_(in), of_(std::move(of)) {}
    awaitable<store::rows> query(std::string sql, std::vector<store::param> params = {}) override;
    awaitable<std::vector<store::rows>> transact(std::vector<store::statement> all) override;

private:
    simulation& in_;
    std::shared_ptr<const life> of_;
};

/// A process's access to Telegram, with the faults of its service.
class way_to_telegram final : public telegram::api {
public:
    way_to_telegram(simulation& in, std::shared_ptr<const life> of) : in_(in), of_(std::move(of)) {}
    awaitable<telegram::called> call(std::string method, std::string body, std::chrono::milliseconds limit) override;
    awaitable<telegram::called> call_with_file(std::string method, std::string body, telegram::upload file) override;
    /// Nobody sends a file in this simulation.
    awaitable<result<std::string>> download(std::string, std::size_t) override { co_return fail("no file is there"); }

private:
    simulation& in_;
    std::shared_ptr<const life> of_;
};

/// No git runs in this simulation.
struct no_diffs final : service::diffs {
    awaitable<service::task_diff> read(mechanic::task, std::string, service::diff_range, std::size_t) override {
        co_return service::task_diff{};
    }
};
struct no_remotes final : service::remotes {
    awaitable<service::remote_verdict> look_at(std::string, secret) override { co_return service::remote_verdict{}; }
    void keep_token(const std::string&, const secret&) override {}
};

/// An endpoint without a list.
struct no_models final : service::model_catalogue {
    awaitable<std::optional<std::vector<std::string>>> names() override { co_return std::nullopt; }
    awaitable<bool> knows(std::string) override { co_return false; }
};

class process_clock final : public clock {
public:
    process_clock(const simulation& in, int service) : in_(in), service_(service) {}
    time_point now() const override;
    std::chrono::steady_clock::time_point steady() const override { return in_.time.steady(); }

private:
    const simulation& in_;
    int service_;
};

/// The part of one `persais serve` process that serves the chat: the real intake, reader, update handler, status
/// messages and sender on the real queue, and the real dispatcher on an executor of ours. Wired as in
/// app/chat_service.cpp.
class process {
public:
    process(simulation& in, std::shared_ptr<life> of);
    void leave() { work_.leave(); }
    awaitable<void> ended();
    void wake();
    life& self() { return *life_; }
    telegram::intake& intake() { return intake_; }

    static config::settings settings(bool hooked);
    static const telegram::hook_secrets& secrets();

private:
    awaitable<void> converse();
    awaitable<void> carry_messages();
    awaitable<void> read();
    telegram::update_handler_dependencies attending();
    telegram::task_views views();
    telegram::update_source_dependencies receiving();

    simulation& in_;
    std::shared_ptr<life> life_;
    config::settings settings_;
    seal sealing_{secret("of the world")};
    process_clock clock_;
    way_to_store db_;
    way_to_telegram api_;
    queue::pg_tasks tasks_;
    service::tasks rules_{settings_, tasks_, clock_};
    no_diffs diffs_;
    no_remotes remotes_;
    no_models models_;
    telegram::telegram_client client_;
    telegram::status_messages status_messages_;
    telegram::sender sender_;
    telegram::update_handler update_handler_;
    telegram::update_reader reader_;
    event introduced_;
    telegram::intake intake_;
    telegram::update_source update_source_;
    worker::driver_dependencies dependencies_;
    worker::dispatcher work_;
    std::list<background<void>> beside_;
    background<void> working_, conversing_;
};

/// What a task's message shows here.
std::string message_text(const mechanic::task& t);
std::string notice_text(task_id id, std::string_view sentence);

/// Executes the driver's commands; the dice decide the outcome.
std::unique_ptr<worker::command_executor> make_executor(simulation& in, std::shared_ptr<const life> of, task_id id);

} // namespace persais::chat_world
