#pragma once
#include "config/settings.hpp"

#include <optional>

namespace CLI {
class App;
}

namespace persais::cli {

/// Each subcommand has a file of its own (`run` in command_run.cpp, and so on), which adds it to the program: its
/// options, and a callback that sets `exit_code` (settings.md) after the work. `exit_code` outlives the parsing.
void add_abort(CLI::App& app, int& exit_code);
void add_ask(CLI::App& app, int& exit_code);
void add_audit(CLI::App& app, int& exit_code);
void add_memory(CLI::App& app, int& exit_code);
void add_remember(CLI::App& app, int& exit_code);
void add_backup(CLI::App& app, int& exit_code);
void add_budget(CLI::App& app, int& exit_code);
void add_costs(CLI::App& app, int& exit_code);
void add_completion(CLI::App& app, int& exit_code);
void add_config(CLI::App& app, int& exit_code);
void add_demo(CLI::App& app, int& exit_code);
void add_deploy(CLI::App& app, int& exit_code);
void add_diff(CLI::App& app, int& exit_code);
void add_discard(CLI::App& app, int& exit_code);
void add_doctor(CLI::App& app, int& exit_code);
void add_export(CLI::App& app, int& exit_code);
void add_help(CLI::App& app, int& exit_code);
void add_init(CLI::App& app, int& exit_code);
void add_log(CLI::App& app, int& exit_code);
void add_man(CLI::App& app, int& exit_code);
void add_pause(CLI::App& app, int& exit_code);
void add_people(CLI::App& app, int& exit_code);
void add_push(CLI::App& app, int& exit_code);
void add_repo(CLI::App& app, int& exit_code);
void add_reply(CLI::App& app, int& exit_code);
void add_resume(CLI::App& app, int& exit_code);
void add_restore(CLI::App& app, int& exit_code);
void add_retry(CLI::App& app, int& exit_code);
void add_rollback(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_second_factor(CLI::App& app, int& exit_code);
void add_secret(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
void add_support_bundle(CLI::App& app, int& exit_code);
void add_tasks(CLI::App& app, int& exit_code);
void add_token(CLI::App& app, int& exit_code);
void add_undiscard(CLI::App& app, int& exit_code);
void add_uninstall(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);
void add_write_documents(CLI::App& app, int& exit_code);

/// Settings from the environment and .env; nullopt: each wrong one is reported in a line on standard error (exit 2).
std::optional<config::settings> settings_or_say();

} // namespace persais::cli
