#include "worker/check_run.hpp"

#include "base/told.hpp"
#include "checks/guess.hpp"
#include "coder/limits.hpp"
#include "egress/way_out.hpp"
#include "git/files.hpp"
#include "sandbox/limits.hpp"
#include "service/repositories.hpp"
#include "worker/limits.hpp"
#include "worker/make_trees.hpp"

#include <fmt/format.h>

namespace persais::worker {

namespace {

bool speaks_python(const std::string& command) {
    for (auto* word : {"pip", "python", "pytest", "tox", "nox"})
        if (command.find(word) != std::string::npos) return true;
    return false;
}

/// Debian's Python refuses installs outside a virtual environment, and has no pip of its own; with a virtual
/// environment in the sandbox's home `pip install …` and `pytest` work as a person expects.
std::string with_python(const std::string& command) {
    return "[ -x \"$HOME/venv/bin/python\" ] || python3 -m venv \"$HOME/venv\" || exit 127\nhash -r\n" + command;
}

/// Whether the repository's environment reaches this program: setup, or a run of the checks.
bool gets_environment(const check_plan& plan, reach network) {
    if (!plan.own) return false;
    using enum queue::reaches;
    return plan.own->environment_for == checks || (plan.own->environment_for == setup && network != reach::nothing);
}

/// Hides the values of the environment in what a program printed, which the agent and people read, whether or not this
/// program got them: setup may have written one down in the home or the tree that the checks run in. Of what was cut
/// at its beginning the first line goes, because it may begin in the middle of a value.
void hide_environment(const check_plan& plan, sandbox::child_result& result) {
    if (!plan.own || plan.own->variables.empty()) return;
    for (auto* text : {&result.output, &result.error}) {
        if (text->size() >= limits::child_output_bytes) text->erase(0, std::min(text->find('\n'), text->size()));
        *text = plan.own->mask(std::move(*text));
    }
}

/// `out`: the network of a confined program; null: none, or the machine's where nothing is confined.
awaitable<sandbox::child_result> shell(const check_plan& plan, sandbox::view view, std::string command, reach network,
                                       egress::way_out* out = nullptr) {
    view.tools = plan.tools.folders;
    auto home = plan.with.backend.inside(view, view.home);
    auto tree = plan.with.backend.inside(view, view.tree);
    sandbox::child_spec spec{
        .argv = {"/bin/bash", "-c", std::move(command)},
        .environment = check_environment(plan.tools, home, config::process_environment(), network),
        .folder = tree,
        .total = plan.timeout,
        .limits = {.open_files = limits::task_open_files},
    };
    if (out) {
        spec.network = out->network();
        std::ranges::copy(egress::way_out::environment(), std::back_inserter(spec.environment));
    }
    if (gets_environment(plan, network)) {
        if (!plan.own->closed.empty())
            throw std::runtime_error(service::closed_variable(plan.own->name, plan.own->closed.front()));
        for (const auto& [name, value] : plan.own->variables)
            spec.environment.push_back(name + "=" + value.reveal());
    }
    auto result = co_await sandbox::run_child(plan.with.backend.confine(std::move(spec), view));
    hide_environment(plan, result);
    if (result.how == sandbox::ended::interrupted) // a red verdict would be wrong, and cost the coder a round
        throw sandbox::interrupted(told<"The sandbox of setup or checks was killed (signal {}).",
                                        "Песочница подготовки или проверок была убита (сигнал {}).">(result.code));
    if (result.how == sandbox::ended::out_of_disk) { // what it filled is given back at once
        co_await git::remove_folder(view.tree_layers ? view.tree_layers.upper : view.tree);
        co_await git::remove_folder(view.home_layers ? view.home_layers.upper : view.home);
        if (result.disk == keeper::disk_excess::reserve) // others may have taken it
            throw sandbox::interrupted(told<"Setup or checks: the command {}.", "Подготовка или проверки: команда {}.">(
                sandbox::disk_words(result)));
    }
    co_return result;
}

/// Runs a setup. It reaches the hosts of the plan; without confinement it has the machine's network. `missed`: a host
/// of the plan could not be reached.
awaitable<sandbox::child_result> run_setup(const check_plan& plan, sandbox::view view, std::string command,
                                           std::function<void(const std::string&)> denied, bool& missed) {
    if (!plan.with.backend.confines()) co_return co_await shell(plan, std::move(view), std::move(command), reach::all);
    auto proxies = egress::find_upstream(config::process_environment());
    if (!proxies)
        throw std::runtime_error(told<"Setup has no network: {}.", "У подготовки нет сети: {}.">(proxies.error()));
    egress::way_out out(co_await asio::this_coro::executor, plan.hosts, std::move(*proxies), egress::system_lookup(),
                        std::move(denied));
    auto result = co_await shell(plan, std::move(view), std::move(command), reach::some, &out);
    missed = out.missed_a_host();
    co_return result;
}

/// Whether a change to this file requires the setup again: it lists dependencies, or the command names it.
bool feeds_setup(const std::string& path, const std::string& command) {
    static constexpr std::string_view names[] = {"pyproject.toml",
                                                 "setup.py",
                                                 "setup.cfg",
                                                 "package.json",
                                                 "package-lock.json",
                                                 "yarn.lock",
                                                 "pnpm-lock.yaml",
                                                 "Cargo.toml",
                                                 "Cargo.lock",
                                                 "go.mod",
                                                 "go.sum",
                                                 "Gemfile",
                                                 "Gemfile.lock",
                                                 "composer.json",
                                                 "composer.lock",
                                                 "npm-shrinkwrap.json",
                                                 "uv.lock",
                                                 "poetry.lock",
                                                 "Pipfile",
                                                 "Pipfile.lock",
                                                 "go.work"};
    auto name = path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
    bool named = name.size() >= 4 && command.find(name) != std::string::npos;
    return named || std::ranges::find(names, name) != std::end(names) ||
           (path.find("requirements") != std::string::npos && name.ends_with(".txt"));
}

/// The value; throws when there is none, because the run cannot continue without it.
template <class T>
T must(git::outcome<T> o) {
    if (!o) throw std::runtime_error(o.error().sentence);
    if constexpr (!std::is_void_v<T>) return std::move(*o);
}

/// A new tree at `commit` and an empty home.
awaitable<void> make_fresh(check_plan plan, task_workspace& place, git::mirror& mirror, git::commit_id base,
                           git::commit_id commit) {
    const auto& backend = plan.with.backend;
    must(co_await make_tree(plan.with, mirror, place, task_workspace::part::check, base, {}, plan.beyond));
    auto view = place.check();
    co_await git::remove_folder(view.home);
    git::make_private_folder(view.home);
    backend.hand_over(view.home, view.slot);
    if (commit != base) must(co_await mirror.update_tree(base, commit, backend, view));
}

/// The setups to try, the next only when one fails: a person's own is the only one.
std::vector<std::string> setups(const mechanic::chosen_command& chosen) {
    std::vector<std::string> all{chosen.command};
    if (!chosen.command.empty() && chosen.source.starts_with(mechanic::guessed_source))
        std::ranges::copy(checks::weaker_setups(chosen.command), std::back_inserter(all));
    return all;
}

/// What a setup's result depends on, beside the commit and what is there of the network on that day.
std::string key_of(const check_plan& plan, const std::string& command) {
    std::string key = command + "\n";
    for (const auto& rule : plan.hosts.all())
        key += fmt::format("{} {} {} {}\n", rule.host, rule.below, rule.port.value_or(0),
                           rule.at ? rule.at->words() : "public");
    auto environment = check_environment(plan.tools, sandbox::home_inside, config::process_environment(), reach::some);
    for (const auto& variable : environment)
        key += variable + "\n";
    auto programs = plan.tools.folders;
    programs.insert(programs.end(), {"/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/local/lib"});
    for (const auto& folder : programs) { // an installation changes them
        std::error_code none;
        auto changed = std::filesystem::last_write_time(folder, none);
        key += fmt::format("{} {}\n", folder.string(), changed.time_since_epoch().count());
    }
    return key;
}

/// Runs the setup in a fresh tree at `commit`, and keeps what it left. A verdict when the setup failed. A guess may be
/// wrong, which shows at the base; what works there and fails later was broken by the change.
awaitable<std::optional<check_verdict>> set_up(check_plan plan, task_workspace& place, git::mirror& mirror,
                                               git::commit_id base, git::commit_id commit,
                                               std::function<void(const mechanic::progress&)> tell) {
    place.forget_set_up();
    auto all = setups(plan.setup);
    auto i = place.setup_of_base.value_or(0);
    std::string key; // by which others may have the result; empty: they may not
    for (;; ++i) {
        co_await make_fresh(plan, place, mirror, base, commit);
        const auto& command = all[i];
        if (command.empty()) break;
        auto script = speaks_python(command) ? with_python(command) : command;
        // With an environment of secrets it is for this task alone: who knows what of them it has written down.
        bool for_others = !gets_environment(plan, reach::some) || plan.own->variables.empty();
        if (commit == base && i == 0 && for_others) { // else it is of the change, or the weaker one after a failure
            key = key_of(plan, script);
            if (co_await place.take_shared_set_up(commit, key)) {
                place.setup_of_base = i;
                co_return std::nullopt;
            }
        }
        tell({mechanic::progress::kind::setting_up, command});
        auto denied = [&](const std::string& host) {
            if (std::ranges::find(place.hosts_denied, host) != place.hosts_denied.end()) return;
            place.hosts_denied.push_back(host);
            tell({mechanic::progress::kind::host_denied, host});
        };
        bool missed = false;
        auto r = co_await run_setup(plan, place.check(), std::move(script), denied, missed);
        if (missed) key.clear(); // what is missing may not be noticed by the checks of the base
        auto bad = judge_setup(r, command, plan.timeout);
        if (bad.how == mechanic::check_outcome::not_run) break;
        if (commit != base || i + 1 == all.size()) co_return bad;
        if (i == 0) place.why_setup_failed = bad.could_not_run;
        key.clear();
        tell({mechanic::progress::kind::setup_given_up, command});
    }
    if (commit == base) place.setup_of_base = i;
    try {
        co_await place.keep_set_up(commit);
        if (place.hosts_denied.empty()) place.key_for_others = std::move(key); // each is told of those denied
    } catch (const git::unusable_folder& e) { // what cannot be copied was left by the setup, and is told as its fault
        auto sentence = told<"The setup `{}` left {}, so the checks could not run.",
                             "Подготовка `{}` оставила {}, поэтому проверки не запустились.">(all[i], e.what());
        co_return check_verdict{
            .how = mechanic::check_outcome::could_not_run, .feedback = sentence, .could_not_run = sentence};
    }
    if (place.set_up_bytes() > limits::set_up_told_from)
        tell({mechanic::progress::kind::large_copies,
              fmt::format("{:.1f} GiB", double(place.set_up_bytes()) / (1 << 30))});
    co_return std::nullopt;
}

/// After a guessed setup failed, checks that are not green may lack what it would have installed. Where they were green
/// before the change without it, they do not.
check_verdict doubted(check_verdict seen, const check_plan& plan, const task_workspace& place) {
    using enum mechanic::check_outcome;
    bool known = seen.over_disk || place.why_setup_failed.empty() || seen.how == green || plan.before == green;
    if (!known) seen = {could_not_run, std::move(seen.feedback), place.why_setup_failed};
    return seen;
}

} // namespace

awaitable<check_verdict> run_checks_at(check_plan plan, task_workspace& place, git::mirror& mirror, git::commit_id base,
                                       git::commit_id commit, std::function<void(const mechanic::progress&)> tell) {
    if (plan.check.command.empty()) co_return check_verdict{};
    if (setups(plan.setup).size() > 1 && !place.setup_of_base)
        if (auto bad = co_await set_up(plan, place, mirror, base, base, tell)) co_return *bad;
    if (auto at = place.set_up_at(); at && *at != commit) {
        auto changed = must(co_await mirror.changed_paths(*at, commit));
        if (std::ranges::any_of(changed, [&](const auto& path) { return feeds_setup(path, plan.setup.command); }))
            place.forget_set_up();
    }
    if (!place.set_up_at())
        if (auto bad = co_await set_up(plan, place, mirror, base, commit, tell)) co_return *bad;
    co_await place.renew_set_up(plan.with.backend);
    if (auto moved = co_await mirror.update_tree(base, commit, plan.with.backend, place.check()); !moved) {
        if (moved.error().kind == git::error_kind::disk_full) must(std::move(moved));
        // The setup broke the tree's own repository: it is run again on a tree that is made at this commit, which then
        // needs no update.
        if (*place.set_up_at() != commit) {
            if (auto bad = co_await set_up(plan, place, mirror, base, commit, tell)) co_return *bad;
            co_await place.renew_set_up(plan.with.backend);
        }
    }
    tell({mechanic::progress::kind::checking, plan.check.command});
    auto r = co_await shell(plan, place.check(), plan.check.command, reach::nothing);
    auto seen = judge_check(r, plan.check.command, plan.timeout);
    bool green = seen.how == mechanic::check_outcome::green;
    // A setup may end well though a registry was away. Green checks of the base say that its result is whole.
    if (commit == base && green && !place.key_for_others.empty())
        co_await place.share_set_up(std::exchange(place.key_for_others, {}));
    if (commit == base && !green && !seen.over_disk && place.set_up_is_anothers()) {
        place.refuse_shared_set_up();
        co_return co_await run_checks_at(std::move(plan), place, mirror, base, commit, std::move(tell));
    }
    co_return doubted(std::move(seen), plan, place);
}

} // namespace persais::worker
