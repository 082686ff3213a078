#pragma once
#include "app/app_tokens.hpp"
#include "app/database.hpp"
#include "base/background.hpp"
#include "base/locked_directory.hpp"
#include "base/result.hpp"
#include "coder/aider.hpp"
#include "memory/recall.hpp"
#include "worker/dependencies.hpp"
#include "worker/driver.hpp"
#include "worker/toolchain.hpp"

namespace persais::coder {
class prepared_agent;
}

namespace persais::app {

struct engine_options {
    database_options database;
    llm::gateway_options gateway;
    /// Called for each part (agent, sandbox, database): it is up (and perhaps lacks something), or why not. May be
    /// empty.
    std::function<void(std::string_view part, bool up, const std::string& sentence)> report;
    /// Called when the database is open and nothing else uses the settings yet: it may put what the database holds of
    /// them into force. Throws store::db_error. May be empty.
    std::function<awaitable<void>(store::pool&)> opened;
    /// Called for each secret that is in no setting: tokens of repositories. May be empty.
    std::function<void(const secret&)> hide;
    /// Gets a sentence when the agent cannot be kept ready. Empty: none is kept, because one task alone is not faster
    /// for it.
    std::function<void(const std::string&)> not_prepared;
};

/// Everything that working on tasks needs, started in order and stopped in reverse: agent, sandbox, database with its
/// schema, gateway. This file is the wiring diagram.
class engine {
public:
    /// `settings` outlives the engine, and may change meanwhile (then call `renew`). `exe_folder`: the folder of this
    /// program.
    engine(const config::settings& settings, std::filesystem::path exe_folder, engine_options options = {});
    ~engine();
    engine(const engine&) = delete;

    /// Brings up what is not up yet; each part is tried, whatever became of the others. An error is one sentence about
    /// what is broken (exit code 3): the parts that are up stay up, and `start` may be called again.
    awaitable<result<void>> start();
    /// `start` failed because `options.database.why` makes no database and there is none; the error says where.
    bool nothing_there() const { return nothing_there_; }
    // These may be called when `start` has succeeded:

    const worker::dependencies& with() const { return *dependencies_; }
    const worker::driver_dependencies& driver() const { return *driver_; }
    /// From now on this token is used for the repository.
    void keep_token(const std::string& remote, secret token);
    service::known_repositories& repositories() { return *repositories_; }
    app::database& database() { return *database_; }
    const asio::any_io_executor& executor() const { return executor_; }
    /// This process's own folder below PERSAIS_DATA/gateways, deleted when it ends.
    const locked_directory& own_folder() const { return *own_folder_; }
    /// The names of such folders whose processes had died when this one started.
    const std::vector<std::string>& died_before() const { return died_before_; }
    /// What the person should be told once: an embedded database is on one machine's disk; there is no sandbox.
    const std::vector<std::string>& notices() const { return notices_; }
    /// The settings have new values.
    void renew();
    /// How many tasks may run at once, and how much memory each program of theirs may use.
    const sandbox::memory_plan& memory() const { return memory_; }
    /// Has to be called always, also after a `start` that failed.
    awaitable<void> stop();

private:
    result<void> find_agent();
    awaitable<result<void>> choose_sandbox();
    awaitable<result<void>> open_database();
    awaitable<result<void>> take_settings();
    awaitable<result<void>> open_gateway();
    awaitable<void> begin_app_tokens();
    llm::upstream upstream() const;

    // Declared in the order in which they are needed, because they are destroyed in reverse.
    const config::settings& settings_;
    std::filesystem::path exe_folder_;
    engine_options options_;
    system_clock time_;
    sandbox::memory_plan memory_{};
    bool room_for_agent_ = false; // that is kept ready
    std::vector<std::string> notices_;
    std::string lack_; // of the database
    bool nothing_there_ = false;
    std::optional<coder::aider_installation> installed_;
    std::unique_ptr<sandbox::backend> backend_;
    std::unique_ptr<coder::prepared_agent> prepared_;
    sandbox::layering layering_ = sandbox::layering::none;
    std::unique_ptr<coder::agent> agent_;
    std::unique_ptr<app::database> database_;
    std::unique_ptr<locked_directory> own_folder_;
    std::vector<std::string> died_before_;
    std::unique_ptr<llm::gateway> gateway_;
    worker::toolchain tools_;
    service::remote_tokens tokens_;
    std::unique_ptr<service::known_repositories> repositories_;
    std::optional<memory::recall> recall_;
    std::optional<http::client> web_;
    std::unique_ptr<worker::dependencies> dependencies_;
    std::unique_ptr<worker::driver_dependencies> driver_;
    std::optional<background<void>> removing_stale_;
    std::optional<app_tokens> app_tokens_;
    std::optional<background<void>> renewing_; // the App's token
    asio::any_io_executor executor_;           // that start() ran on
};

} // namespace persais::app
