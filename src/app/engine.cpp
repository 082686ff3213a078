#include "app/engine.hpp"

#include "app/reap.hpp"

#include <random>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::app {

namespace fs = std::filesystem;

namespace {

result<void> make_folders(const fs::path& data) {
    std::error_code ec;
    fs::create_directories(data, ec);
    for (auto* sub : {"mirrors", "tasks", "gateways"}) {
        if (!ec) fs::create_directories(data / sub, ec);
        if (!ec) fs::permissions(data / sub, fs::perms::owner_all, ec);
    }
    if (ec)
        return fail(
            fmt::format("The data folder {} cannot be used: {} (PERSAIS_DATA names it).", data.string(), ec.message()));
    return {};
}

} // namespace

engine::~engine() = default;

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

llm::upstream engine::upstream() const {
    return {.base_url = settings_.openrouter_base_url,
            .key = settings_.openrouter_api_key.reveal(),
            .provider_json = settings_.openrouter_provider,
            .ca_file = settings_.ssl_cert_file,
            .price_prompt = settings_.model_price_prompt,
            .price_completion = settings_.model_price_completion};
}

result<void> engine::open_gateway(const asio::any_io_executor& executor, llm::gateway_options options) {
    // The process id for people; it alone is not one of its kind where containers share a data folder.
    auto name = fmt::format("{}-{:08x}", ::getpid(), std::random_device{}());
    auto folder = held_folder::make(settings_.data / "gateways", name);
    if (!folder) return std::unexpected(folder.error());
    own_folder_ = std::move(*folder);
    gateway_ = std::make_unique<llm::gateway>(executor, database_->pool(), time_, upstream(), std::move(options));
    return gateway_->listen(own_folder_->short_path() / "gateway.sock");
}

awaitable<result<std::unique_ptr<engine>>> engine::start(const config::settings& settings, fs::path exe_folder,
                                                         engine_options options) {
    auto e = std::unique_ptr<engine>(new engine(settings));
    auto executor = co_await asio::this_coro::executor;
    auto told = [&](std::string_view part, const result<void>& how) {
        if (options.report) options.report(part, how.has_value(), how ? std::string() : how.error());
        return how.has_value();
    };
    if (auto ok = make_folders(settings.data); !ok) co_return std::unexpected(ok.error());
    auto agent = e->find_agent(exe_folder);
    if (!told("agent", agent)) co_return std::unexpected(agent.error());
    auto sandbox = co_await e->choose_sandbox();
    if (!told("sandbox", sandbox)) co_return std::unexpected(sandbox.error());
    auto database = co_await app::database::open(settings, exe_folder, options.database);
    if (!told("database", database ? result<void>{} : fail(database.error())))
        co_return std::unexpected(database.error());
    e->database_ = std::move(*database);
    if (!e->database_->notice().empty()) e->notices_.push_back(e->database_->notice());
    if (auto ok = e->open_gateway(executor, options.gateway); !ok) {
        auto sentence = ok.error();
        co_await e->stop();
        co_return fail(sentence);
    }
    e->tools_ = find_toolchain(config::process_environment());
    e->parts_ = std::make_unique<parts>(parts{.settings = e->settings_,
                                              .time = e->time_,
                                              .tasks = e->database_->tasks(),
                                              .gateway = *e->gateway_,
                                              .ladder = *e->ladder_,
                                              .agent = e->agent_,
                                              .gateway_socket = e->own_folder_->path() / "gateway.sock",
                                              .mirrors = settings.data / "mirrors",
                                              .workshops = settings.data / "tasks"});
    e->reaping_.emplace(executor, reap({settings.data / "gateways", settings.data / "tasks"}));
    co_return e;
}

void engine::renew() {
    gateway_->renew(upstream());
}

awaitable<void> engine::stop() {
    if (reaping_) co_await reaping_->stop();
    if (gateway_) gateway_->close();
    if (database_) co_await database_->close();
    own_folder_.reset();
}

} // namespace persais::app
