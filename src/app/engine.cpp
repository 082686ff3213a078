#include "app/engine.hpp"

#include "store/migrate.hpp"

#include <random>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::app {

namespace fs = std::filesystem;

engine::~engine() = default;

awaitable<result<void>> engine::open_database(const fs::path& exe_folder) {
    auto url = settings_.database_url.reveal();
    if (url.empty()) {
        auto binaries = config::find_beside(settings_, exe_folder, "postgres");
        if (!binaries) co_return std::unexpected(binaries.error());
        auto server = co_await store::embedded::start(settings_.data, *binaries);
        if (!server) co_return std::unexpected(server.error());
        server_ = std::move(*server);
        url = server_->url();
        notices_.push_back(
            fmt::format("The database is embedded, on this machine's disk only ({}); DATABASE_URL names another.",
                        (settings_.data / "postgres").string()));
    }
    auto executor = co_await asio::this_coro::executor;
    db_ =
        std::make_unique<store::pool>(executor, store::pool_options{.url = url, .size = settings_.database_pool_size});
    try {
        co_await store::migrate(*db_);
    } catch (const store::db_error& e) {
        co_return fail(fmt::format("The database cannot be used: {}", e.what()));
    } catch (const std::runtime_error& e) { // its content is the trouble
        co_return fail(e.what());
    }
    tasks_ = std::make_unique<queue::tasks>(*db_, fmt::format("{}", ::getpid()), settings_.lease_ttl);
    co_return result<void>{};
}

awaitable<result<void>> engine::choose_sandbox() {
    auto chosen = co_await sandbox::choose(settings_.unsafe);
    if (chosen.use->level() == sandbox::rung::refused)
        co_return fail(fmt::format("Tasks are refused, for this machine gives no sandbox: {}", chosen.why));
    if (chosen.use->level() == sandbox::rung::unsafe)
        notices_.push_back("PERSAIS_UNSAFE is on: the agent and the checks run without a sandbox.");
    ladder_ = std::move(chosen.use);
    co_return result<void>{};
}

result<void> engine::find_agent(const fs::path& exe_folder) {
    auto environment = config::find_beside(settings_, exe_folder, "agent-env");
    if (!environment) return std::unexpected(environment.error());
    auto wrapper = config::find_beside(settings_, exe_folder, "agent");
    if (!wrapper) return std::unexpected(wrapper.error());
    agent_ = {fs::weakly_canonical(*environment), fs::weakly_canonical(*wrapper) / "run.py"};
    return {};
}

result<void> engine::open_gateway(const asio::any_io_executor& executor) {
    // The process id for people; it alone is not one of its kind where containers share a data folder.
    auto name = fmt::format("{}-{:08x}", ::getpid(), std::random_device{}());
    auto folder = held_folder::make(settings_.data / "gateways", name);
    if (!folder) return std::unexpected(folder.error());
    socket_folder_ = std::move(*folder);
    gateway_ = std::make_unique<llm::gateway>(executor, *db_, time_,
                                              llm::upstream{.base_url = settings_.openrouter_base_url,
                                                            .key = settings_.openrouter_api_key.reveal(),
                                                            .provider_json = settings_.openrouter_provider,
                                                            .ca_file = settings_.ssl_cert_file,
                                                            .price_prompt = settings_.model_price_prompt,
                                                            .price_completion = settings_.model_price_completion});
    return gateway_->listen(socket_folder_->short_path() / "gateway.sock");
}

awaitable<result<std::unique_ptr<engine>>> engine::start(config::settings settings, fs::path exe_folder) {
    auto e = std::unique_ptr<engine>(new engine(std::move(settings)));
    const auto& data = e->settings_.data;
    std::error_code ec;
    fs::create_directories(data, ec);
    for (auto* sub : {"mirrors", "tasks", "gateways"}) {
        if (!ec) fs::create_directories(data / sub, ec);
        if (!ec) fs::permissions(data / sub, fs::perms::owner_all, ec);
    }
    if (ec)
        co_return fail(
            fmt::format("The data folder {} cannot be used: {} (PERSAIS_DATA names it).", data.string(), ec.message()));
    if (auto ok = e->find_agent(exe_folder); !ok) co_return std::unexpected(ok.error());
    if (auto ok = co_await e->choose_sandbox(); !ok) co_return std::unexpected(ok.error());
    std::optional<std::string> broken;
    if (auto ok = co_await e->open_database(exe_folder); !ok) broken = ok.error();
    if (!broken)
        if (auto ok = e->open_gateway(co_await asio::this_coro::executor); !ok) broken = ok.error();
    if (broken) {
        co_await e->stop();
        co_return fail(*broken);
    }
    e->tools_ = find_toolchain(config::process_environment());
    e->parts_ = std::make_unique<parts>(parts{.settings = e->settings_,
                                              .time = e->time_,
                                              .tasks = *e->tasks_,
                                              .gateway = *e->gateway_,
                                              .ladder = *e->ladder_,
                                              .agent = e->agent_,
                                              .gateway_socket = e->socket_folder_->path() / "gateway.sock",
                                              .mirrors = data / "mirrors",
                                              .workshops = data / "tasks"});
    reap_folders(data / "gateways");
    if (int left = reap_folders(data / "tasks"); left > 0)
        e->notices_.push_back(fmt::format("Removed {} folder{} that a crash left.", left, left == 1 ? "" : "s"));
    co_return e;
}

awaitable<void> engine::stop() {
    if (gateway_) gateway_->close();
    if (db_) db_->close();
    if (server_) co_await server_->leave();
    socket_folder_.reset();
}

} // namespace persais::app
