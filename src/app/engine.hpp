#pragma once
#include "app/database.hpp"
#include "app/held_folder.hpp"
#include "app/parts.hpp"
#include "app/tools.hpp"
#include "base/background.hpp"
#include "base/result.hpp"

namespace persais::app {

struct engine_options {
    database_options database;
    llm::gateway_options gateway;
    /// Hears of each part (agent, sandbox, database) that it stands, or why not. May be empty.
    std::function<void(std::string_view part, bool up, const std::string& sentence)> report;
};

/// Everything that working on tasks needs, started in order and ended in reverse: agent, sandbox, database with its
/// schema, gateway. This file is the wiring diagram.
class engine {
public:
    /// An error is one sentence of what is broken in the world (exit code 3). `settings` outlives the engine, and may
    /// change meanwhile (then call `renew`). `exe_folder`: where this program stands.
    static awaitable<result<std::unique_ptr<engine>>>
    start(const config::settings& settings, std::filesystem::path exe_folder, engine_options options = {});
    ~engine();
    engine(const engine&) = delete;

    const parts& with() const { return *parts_; }
    const toolchain& tools() const { return tools_; }
    app::database& database() { return *database_; }
    /// This process's own folder below PERSAIS_DATA/gateways, gone when it ends.
    const held_folder& own_folder() const { return *own_folder_; }
    /// Said once to the person: an embedded database is one machine's disk; no sandbox.
    const std::vector<std::string>& notices() const { return notices_; }
    /// The settings have new values.
    void renew();
    awaitable<void> stop();

private:
    explicit engine(const config::settings& settings) : settings_(settings) {}
    awaitable<result<void>> choose_sandbox();
    result<void> find_agent(const std::filesystem::path& exe_folder);
    result<void> open_gateway(const asio::any_io_executor& executor, llm::gateway_options options);
    llm::upstream upstream() const;

    // Declared in the order in which they are needed; they die in reverse.
    const config::settings& settings_;
    system_clock time_;
    std::vector<std::string> notices_;
    coder::installation agent_;
    std::unique_ptr<sandbox::ladder> ladder_;
    std::unique_ptr<app::database> database_;
    std::unique_ptr<held_folder> own_folder_;
    std::unique_ptr<llm::gateway> gateway_;
    toolchain tools_;
    std::unique_ptr<parts> parts_;
    std::optional<background<void>> reaping_;
};

} // namespace persais::app
