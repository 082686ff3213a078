#include "app/engine.hpp"

#include "app/limits.hpp"
#include "base/own_folder.hpp"
#include "base/told.hpp"
#include "coder/prepared_agent.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/try_layers.hpp"
#include "worker/command_executor.hpp"
#include "worker/stale_workspaces.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::app {

namespace fs = std::filesystem;

namespace {

/// True: the data folder was open to others until now.
result<bool> make_folders(const fs::path& data) {
    auto not_usable = [&](const std::string& why) {
        return fail(told<"The data folder {} cannot be used: {} (PERSAIS_DATA names it).",
                         "Папкой данных {} нельзя пользоваться: {} (её задаёт PERSAIS_DATA).">(data.string(), why));
    };
    auto opened = make_own_folder(data);
    if (!opened) return not_usable(opened.error());
    std::error_code ec;
    for (auto* sub : {"mirrors", "tasks", "gateways"}) {
        if (!ec) fs::create_directories(data / sub, ec);
        if (!ec) fs::permissions(data / sub, fs::perms::owner_all, ec);
    }
    if (ec) return not_usable(ec.message());
    return *opened;
}

sandbox::disk_plan disk_of(const config::settings& settings) {
    sandbox::disk_plan plan;
    if (settings.task_disk_mb) plan.bytes = static_cast<std::uint64_t>(*settings.task_disk_mb) << 20;
    return plan;
}

} // namespace

engine::engine(const config::settings& settings, fs::path exe_folder, engine_options options)
    : settings_(settings), exe_folder_(std::move(exe_folder)), options_(std::move(options)) {}
engine::~engine() = default;

result<void> engine::find_agent() {
    if (installed_) return {};
    auto environment = config::find_beside(settings_, exe_folder_, "agent-env");
    if (!environment) return std::unexpected(environment.error());
    auto wrapper = config::find_beside(settings_, exe_folder_, "agent");
    if (!wrapper) return std::unexpected(wrapper.error());
    installed_ = {fs::weakly_canonical(*environment), fs::weakly_canonical(*wrapper) / "run.py"};
    return {};
}

awaitable<result<void>> engine::choose_sandbox() {
    if (backend_) co_return result<void>{};
    memory_ = sandbox::plan_for_this_machine(static_cast<unsigned>(settings_.tasks_parallel.value_or(0)));
    if (options_.not_prepared && settings_.prepared_agent)
        if (auto beside = coder::plan_with_agent(memory_)) {
            memory_ = *beside;
            room_for_agent_ = true;
        }
    tools_ = sandbox::find_toolchain(config::process_environment());
    auto chosen = co_await sandbox::choose(settings_.unsafe, memory_, {},
                                           {[this] { return config::hidden_from_tasks(settings_); }, tools_.folders},
                                           disk_of(settings_));
    if (chosen.use->level() == sandbox::isolation_level::refused)
        co_return fail(told<"Tasks are refused, because this machine gives no sandbox: {}",
                            "Задачи не принимаются, потому что на этой машине нет песочницы: {}">(chosen.why));
    if (chosen.use->confines() && chosen.landlock == 0)
        notices_.push_back(
            told<"This kernel has no Landlock: namespaces and the filter of system calls hold tasks alone.",
                 "В этом ядре нет Landlock: задачи держат только пространства имён и фильтр системных вызовов.">());
    if (chosen.use->level() == sandbox::isolation_level::unsafe)
        notices_.push_back(told<"PERSAIS_UNSAFE is on: the agent and the checks run without a sandbox.",
                                "Действует PERSAIS_UNSAFE: агент и проверки работают без песочницы.">());
    if (memory_.task_bytes < limits::task_memory_bytes)
        notices_.push_back(told<"This machine has little memory: each program of a task gets {}, less than the "
                                "{} that the agent should have; fewer TASKS_PARALLEL, or a larger machine, helps.",
                                "На этой машине мало памяти: каждая программа задачи получает {}, а агенту нужно {}; "
                                "поможет меньшее TASKS_PARALLEL или машина побольше.">(
            sandbox::mebibytes(memory_.task_bytes), sandbox::mebibytes(limits::task_memory_bytes)));
    backend_ = std::move(chosen.use);
    if (settings_.trees != "copy") layering_ = (co_await sandbox::try_layers(*backend_, settings_.data / "tasks")).how;
    co_return result<void>{};
}

awaitable<result<void>> engine::open_database() {
    if (database_) co_return result<void>{};
    auto opened = co_await app::database::open(settings_, exe_folder_, options_.database);
    if (!opened) co_return std::unexpected(opened.error());
    if (!*opened) {
        nothing_there_ = true;
        co_return fail(database::nothing_there(settings_));
    }
    database_ = std::move(*opened);
    lack_ = co_await database_->lack();
    if (!lack_.empty() && !options_.report) notices_.push_back(lack_);
    if (!database_->notice().empty()) notices_.push_back(database_->notice());
    co_return result<void>{};
}

awaitable<result<void>> engine::take_settings() {
    if (!options_.opened) co_return result<void>{};
    try {
        co_await options_.opened(database_->pool());
    } catch (const store::db_error& e) {
        co_return fail(told<"The database cannot be used: {}", "Базой данных нельзя пользоваться: {}">(e.what()));
    }
    co_return result<void>{};
}

llm::upstream engine::upstream() const {
    return {.base_url = settings_.openrouter_base_url,
            .key = settings_.openrouter_api_key,
            .provider_json = settings_.openrouter_provider,
            .ca_file = settings_.ssl_cert_file,
            .price_prompt = settings_.model_price_prompt,
            .price_completion = settings_.model_price_completion};
}

void engine::keep_token(const std::string& remote, secret token) {
    if (options_.hide) options_.hide(token);
    tokens_.keep(remote, std::move(token));
}

/// Before anything is fetched, because it is as good as any other token. Without it the service starts all the same.
awaitable<void> engine::begin_app_tokens() {
    app_tokens_.emplace(
        settings_, time_, [this](http::fetch_spec ask) { return web_->fetch(std::move(ask), limits::app_token_bytes); },
        [this](const std::string& remote, secret token) {
            if (options_.hide) options_.hide(token);
            tokens_.lend(remote, std::move(token));
        },
        [](const std::string& trouble) {
            if (trouble.empty())
                spdlog::info("GitHub gives the App its tokens again");
            else
                spdlog::warn("{}", trouble);
        });
    auto next = co_await app_tokens_->renew();
    renewing_.emplace(co_await asio::this_coro::executor, app_tokens_->run(next));
}

awaitable<result<void>> engine::open_gateway() {
    auto executor = co_await asio::this_coro::executor;
    // People want the process id, which alone is not unique where containers share a data folder.
    auto name = fmt::format("{}-{:08x}", ::getpid(), std::random_device{}());
    for (const auto& left : left_folders(settings_.data / "gateways"))
        died_before_.push_back(left->path().filename().string());
    auto folder = locked_directory::make(settings_.data / "gateways", name);
    if (!folder) co_return std::unexpected(folder.error());
    auto gateway = std::make_unique<llm::gateway>(executor, database_->pool(), time_, upstream(), options_.gateway);
    if (auto ok = gateway->listen((*folder)->short_path() / "gateway.sock"); !ok) co_return ok;
    own_folder_ = std::move(*folder);
    gateway_ = std::move(gateway);
    co_return result<void>{};
}

awaitable<result<void>> engine::start() {
    executor_ = co_await asio::this_coro::executor;
    auto opened = make_folders(settings_.data);
    if (!opened) co_return std::unexpected(opened.error());
    if (*opened)
        notices_.push_back(
            told<"The data folder {} was open to other users of this machine; now it is closed to them.",
                 "Папка данных {} была открыта другим пользователям этой машины; теперь она для них закрыта.">(
                settings_.data.string()));
    auto all = result<void>{};
    auto tell = [&](std::string_view part, const result<void>& how) {
        if (options_.report) options_.report(part, how.has_value(), how ? std::string() : how.error());
        if (!how && all) all = how;
    };
    tell("agent", find_agent());
    tell("sandbox", co_await choose_sandbox());
    tell("database", co_await open_database());
    if (!lack_.empty() && options_.report) options_.report("database", true, lack_);
    if (all) all = co_await take_settings();
    if (all) all = co_await open_gateway();
    if (!all) co_return all;
    repositories_ = std::make_unique<service::known_repositories>(database_->pool(), settings_, tokens_, options_.hide);
    co_await repositories_->refresh();
    std::ranges::move(repositories_->trouble(), std::back_inserter(notices_));
    if (options_.not_prepared && settings_.prepared_agent && !room_for_agent_)
        options_.not_prepared("no agent is kept ready, so each task starts one: " + coder::no_room_for_agent());
    else if (options_.not_prepared && settings_.prepared_agent && backend_->confines())
        prepared_ = std::make_unique<coder::prepared_agent>(co_await asio::this_coro::executor, *backend_, *installed_,
                                                            options_.not_prepared);
    auto options = [this] { return coder::aider_options{settings_.aider_weak_model, settings_.aider_edit_format}; };
    agent_ = std::make_unique<coder::aider>(*backend_, *installed_, options, prepared_.get());
    web_.emplace(co_await asio::this_coro::executor);
    co_await begin_app_tokens();
    recall_.emplace(database_->pool());
    dependencies_ = std::make_unique<worker::dependencies>(
        worker::dependencies{.settings = settings_,
                             .time = time_,
                             .leases = database_->tasks(),
                             .requests = database_->tasks(),
                             .gateway = *gateway_,
                             .backend = *backend_,
                             .agent = *agent_,
                             .tokens = tokens_,
                             .web = *web_,
                             .gateway_socket = own_folder_->path() / "gateway.sock",
                             .mirrors = settings_.data / "mirrors",
                             .workspaces = settings_.data / "tasks",
                             .layering = layering_,
                             .repositories = repositories_.get(),
                             .recall = &*recall_});
    driver_ = std::make_unique<worker::driver_dependencies>(worker::driver_dependencies{
        .time = time_,
        .leases = database_->tasks(),
        .requests = database_->tasks(),
        .make_executor = [this](const worker::observer& tell, task_id id, fence held) {
            return std::make_unique<worker::local_executor>(*dependencies_, tell, tools_, id, held);
        }});
    removing_stale_.emplace(co_await asio::this_coro::executor,
                            worker::remove_stale_workspaces({settings_.data / "gateways", settings_.data / "tasks"}));
    co_return all;
}

void engine::renew() {
    gateway_->renew(upstream());
    if (app_tokens_) app_tokens_->wake();
}

awaitable<void> engine::stop() {
    if (renewing_) co_await renewing_->stop();
    if (removing_stale_) co_await removing_stale_->stop();
    if (prepared_) co_await prepared_->stop();
    if (gateway_) gateway_->close();
    if (database_) co_await database_->close();
    own_folder_.reset();
}

} // namespace persais::app
