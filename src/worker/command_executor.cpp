#include "worker/command_executor.hpp"

#include "egress/default_hosts.hpp"
#include "service/remote_tokens.hpp"

#include <fmt/format.h>

namespace persais::worker {

using namespace mechanic;

/// What the settings name comes first, because it may say where a registry is.
static host_rules hosts_of_setup(const config::settings& settings, const checks::repository_file& file) {
    auto all = host_rules::parse(settings.setup_hosts, host_rules::author::owner).value(); // validated when it was read
    all.add(egress::default_hosts());
    all.add(file.setup_hosts);
    return all;
}

local_executor::local_executor(const dependencies& with, const observer& tell, const toolchain& tools, task_id id,
                               fence held)
    : with_(with), tell_(tell), tools_(tools), id_(id), held_(held) {}

void local_executor::say(progress::kind what, std::string subject) const {
    if (tell_.progress) tell_.progress({what, std::move(subject)});
}

git::mirror& local_executor::mirror_of(const task& t) {
    if (!mirror_) mirror_.emplace(with_.mirrors, service::remote_at(t.what.remote, with_.settings, with_.tokens));
    return *mirror_;
}

std::shared_ptr<const service::known_repository> local_executor::own(const task& t) const {
    return service::repository_at(with_.repositories, t.what.remote);
}

std::string local_executor::ref_of(const task& t) const {
    return service::task_ref(t.id);
}

std::chrono::milliseconds local_executor::check_time() const {
    return file_.timeout.value_or(with_.settings.check_timeout);
}

check_plan local_executor::plan(const task& t) const {
    return {.with = with_,
            .tools = tools_,
            .setup = t.known.setup,
            .check = t.known.check,
            .timeout = check_time(),
            .hosts = hosts_of_setup(with_.settings, file_),
            .beyond = beyond_,
            .before = t.known.before,
            .own = own(t)};
}

awaitable<mechanic::event> local_executor::execute(task t, command what, std::string conversation) {
    // By a step that begins now; what was set in another process meanwhile counts from the next one on.
    if (with_.repositories) co_await with_.repositories->look();
    // With the token as it is now: that of a GitHub App lasts an hour, which an attempt may as well.
    if (mirror_) mirror_.emplace(with_.mirrors, service::remote_at(t.what.remote, with_.settings, with_.tokens));
    if (auto* c = std::get_if<prepare>(&what)) co_return co_await do_prepare(std::move(t), c->tree);
    if (auto* c = std::get_if<run_coder>(&what)) co_return co_await do_code(std::move(t), *c, std::move(conversation));
    if (auto* c = std::get_if<run_checks>(&what)) co_return co_await do_check(std::move(t), *c);
    if (auto* c = std::get_if<publish>(&what)) co_return co_await do_publish(std::move(t), *c);
    if (std::holds_alternative<take_lane>(what)) co_return co_await do_take_lane(std::move(t));
    if (std::holds_alternative<replay>(what)) co_return co_await do_replay(std::move(t));
    if (auto* c = std::get_if<check_landing>(&what)) co_return co_await do_check_landing(std::move(t), *c);
    if (auto* c = std::get_if<land>(&what)) co_return co_await do_land(std::move(t), *c);
    if (auto* c = std::get_if<watch>(&what)) co_return co_await do_watch(std::move(t), *c);
    if (std::holds_alternative<answer>(what)) co_return co_await do_answer(std::move(t), std::move(conversation));
    throw std::logic_error("a command that has no event");
}

awaitable<void> local_executor::put_away() {
    co_await leaks_.stop();
    if (place_) co_await place_->clear();
    place_.reset();
}

awaitable<void> local_executor::clean_up(task t) {
    co_await put_away();
    bool kept = keeps_work(verdict_of(t).value_or(verdict::aborted)) && t.known.made;
    if (mirror_ && is_final(t.now) && !kept) co_await mirror_->forget(ref_of(t));
}

void local_executor::leave_behind() {
    if (place_) place_->leave_behind();
}

std::string reason_word(git::error_kind kind, bool pushing) {
    using enum git::error_kind;
    switch (kind) {
    case not_found:
    case empty_repository:
    case no_head:
        return "not_found";
    case no_read:
        return "no_read";
    case no_push:
        return "no_push";
    case protected_branch:
        return "protected_branch";
    case moved:
        return "moved";
    case network:
        return "network";
    case refused_url:
    case too_large:
    case bad_object:
    case disk_full:
    case cannot_sign:
    case other:
        break;
    }
    return pushing ? "no_push" : "no_read"; // contract.md has no finer word; the sentence says more
}

bool is_world(git::error_kind kind) {
    return kind == git::error_kind::disk_full || kind == git::error_kind::cannot_sign;
}

mechanic::event stopped(const git::failure& f, double seconds, bool pushing) {
    if (is_world(f.kind)) return world_trouble{f.sentence};
    return remote_trouble{reason_word(f.kind, pushing), f.sentence, seconds};
}

} // namespace persais::worker
