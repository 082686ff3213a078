#pragma once
#include "app/held_folder.hpp"
#include "app/parts.hpp"
#include "app/tools.hpp"
#include "base/result.hpp"
#include "store/embedded.hpp"

#include <boost/asio/io_context.hpp>

namespace persais::app {

/// Everything that working on tasks needs, started in order and ended in reverse: database, schema, sandbox, agent,
/// gateway. This file is the wiring diagram.
class engine {
public:
    /// An error is one sentence of what is broken in the world (exit code 3). `exe_folder`: where this program stands.
    static awaitable<result<std::unique_ptr<engine>>> start(config::settings settings,
                                                            std::filesystem::path exe_folder);
    ~engine();
    engine(const engine&) = delete;

    const parts& with() const { return *parts_; }
    const toolchain& tools() const { return tools_; }
    /// Said once to the person: an embedded database is one machine's disk; no sandbox; what a crash left.
    const std::vector<std::string>& notices() const { return notices_; }
    awaitable<void> stop();

private:
    explicit engine(config::settings settings) : settings_(std::move(settings)) {}
    awaitable<result<void>> open_database(const std::filesystem::path& exe_folder);
    awaitable<result<void>> choose_sandbox();
    result<void> find_agent(const std::filesystem::path& exe_folder);
    result<void> open_gateway(const asio::any_io_executor& executor);

    // Declared in the order in which they are needed; they die in reverse.
    config::settings settings_;
    system_clock time_;
    std::vector<std::string> notices_;
    std::unique_ptr<store::embedded> server_;
    std::unique_ptr<store::pool> db_;
    std::unique_ptr<queue::tasks> tasks_;
    std::unique_ptr<sandbox::ladder> ladder_;
    coder::installation agent_;
    std::unique_ptr<held_folder> socket_folder_;
    std::unique_ptr<llm::gateway> gateway_;
    toolchain tools_;
    std::unique_ptr<parts> parts_;
};

} // namespace persais::app
