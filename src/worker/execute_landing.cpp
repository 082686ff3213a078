// The executor's commands of a landing: what approved work becomes on the base branch as it is now, its checks there,
// and the push.
#include "base/async.hpp"
#include "base/told.hpp"
#include "config/co_authors.hpp"
#include "service/landing_rights.hpp"
#include "service/limits.hpp"
#include "worker/command_executor.hpp"
#include "worker/forge_watch.hpp"
#include "worker/health_watch.hpp"
#include "worker/identity.hpp"
#include "worker/limits.hpp"
#include "worker/requests_of.hpp"

#include <fmt/format.h>

namespace persais::worker {

using namespace mechanic;

namespace {

using steady = std::chrono::steady_clock;
double since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

remote_trouble not_there(const std::string& commit) {
    return {"not_found",
            told<"The commit {} is not on the remote any more.", "Коммита {} на удалённом сервере больше нет.">(
                commit.substr(0, 10))};
}

/// The commits that are made anew, or reverted; without `before` it is the one commit that took them back.
landed ground_of_landing(const facts& k) {
    switch (k.lands->what) {
    case landing::kind::deploy:
        return {k.lands->commit, k.base};
    case landing::kind::roll_back:
        return k.on_base.value_or(landed{});
    case landing::kind::deploy_again:
        break;
    }
    return {k.lands->commit, {}};
}

std::string subject_of(const task& t) {
    auto subject = git::commit_message(t.what.instruction);
    subject.resize(std::min(subject.size(), subject.find('\n')));
    return subject;
}

/// The message of the commit that takes a task's work back, and of the one that brings it there again.
std::string message_of_revert(const task& t, const landed& what) {
    auto subject = subject_of(t);
    if (t.known.lands->what == landing::kind::deploy_again)
        return fmt::format("Reapply \"{}\"\n\nThis brings back what task {} brought and {} took away.\n", subject,
                           t.id.value, what.commit.substr(0, 12));
    return fmt::format("Revert \"{}\"\n\nThis reverts what task {} brought: {}..{}\n", subject, t.id.value,
                       what.before.substr(0, 12), what.commit.substr(0, 12));
}

/// Whether what a deployment calls its version has the commit behind it. nullopt: the remote could not be asked now.
awaitable<std::optional<bool>> has_behind(git::mirror& mirror, std::string version, git::commit_id commit) {
    try {
        auto fresh = co_await with_deadline(limits::health_lookup, mirror.refresh());
        if (!fresh) co_return std::nullopt;
    } catch (const deadline_passed&) {
        co_return std::nullopt;
    }
    for (auto& id : ids_in(version)) {
        auto whole = co_await mirror.find_commit(std::move(id));
        if (!whole) co_return std::nullopt;
        if (whole->empty()) continue;
        auto found = co_await mirror.contains(*whole, commit);
        if (!found) co_return std::nullopt;
        if (*found) co_return true;
    }
    co_return false;
}

} // namespace

/// What the base branch holds now; beside the lane, the commit that it may hold by the time that it is our turn.
awaitable<git::outcome<git::commit_id>> local_executor::ground_of_replay(const task& t) {
    if (t.known.lands->beside) co_return t.known.lands->ahead;
    auto& mirror = mirror_of(t);
    say(progress::kind::fetching, t.what.remote);
    if (auto fresh = co_await mirror.refresh(); !fresh) co_return std::unexpected(fresh.error());
    co_return co_await mirror.commit_of(t.known.base_branch);
}

awaitable<mechanic::event> local_executor::do_take_lane(task t) {
    auto lane = co_await with_.leases.take_lane(id_, held_);
    // By requests there is no push that could bring several, and those that wait are not in the lane.
    if (!with_.settings.deploy_beside || service::way_to_land(own(t).get(), with_.settings) == "request")
        lane.ahead.clear();
    co_return lane_answered{lane.taken, std::move(lane.ahead)};
}

/// Those whose commits this machine has; another one may have made them.
awaitable<git::outcome<std::vector<queue::leases::joined>>> local_executor::join(git::mirror& mirror) {
    std::vector<queue::leases::joined> all;
    if (!with_.settings.deploy_beside) co_return all;
    all = co_await service::with_rights(with_.settings, with_.leases, with_.requests,
                                        co_await with_.leases.join_landings(id_, held_));
    for (auto each = all.begin(); each != all.end(); ++each) {
        auto here = co_await mirror.has(each->made);
        if (!here) co_return std::unexpected(here.error());
        if (*here) continue;
        all.erase(each, all.end());
        break;
    }
    co_return all;
}

awaitable<mechanic::event> local_executor::do_replay(task t) {
    auto start = steady::now();
    auto& mirror = mirror_of(t);
    const auto& k = t.known;
    const auto l = *k.lands;
    auto tip = co_await ground_of_replay(t);
    if (!tip) co_return stopped(tip.error(), since(start));

    replayed now{.onto = *tip, .commit = *tip};
    if (l.beside) { // another machine may have made that
        auto here = co_await mirror.has(*tip);
        if (!here) co_return stopped(here.error(), since(start));
        if (!*here) co_return now;
    }
    bool first = l.what == landing::kind::deploy; // the others revert what the branch has
    for (const auto& mine : {l.made, first ? l.commit : std::string()}) {
        if (l.beside) break;
        if (mine.empty() || !now.there.empty()) continue;
        auto found = co_await mirror.contains(*tip, mine);
        if (!found) co_return stopped(found.error(), since(start));
        if (*found) now.there = mine;
    }
    if (now.there.empty() && !l.made.empty() && l.onto != *tip) {
        auto twin = co_await mirror.find_twin(l.made, l.onto, *tip);
        if (!twin) co_return stopped(twin.error(), since(start));
        now.there = std::move(*twin);
    }
    if (!now.there.empty() && !l.tip.empty()) {
        auto all = co_await mirror.contains(*tip, l.tip);
        if (!all) co_return stopped(all.error(), since(start));
        now.tip_there = *all;
    }
    now.by_request = service::way_to_land(own(t).get(), with_.settings) == "request";
    // It was stopped, or is to be pushed by now: the forge is not to merge it as well.
    if (l.by_request && (l.withdrawn || !now.by_request))
        if (auto unknown = co_await leave_queue(t)) co_return std::move(*unknown);
    if (now.by_request || l.by_request)
        if (auto unknown = co_await find_merged(t, now); unknown && now.there.empty()) co_return std::move(*unknown);
    if (!now.there.empty() || l.withdrawn) co_return now;
    if (!l.made.empty() && l.onto == *tip) { // so that what may still be on its way there is pushed again as it is
        auto kept = co_await mirror.has(l.made);
        if (!kept) co_return stopped(kept.error(), since(start));
        if (*kept) {
            now.commit = l.made;
            now.same_text = l.same_text;
            now.size = l.size;
            co_return now;
        }
    }
    auto here = co_await mirror.has(l.commit);
    if (!here) co_return stopped(here.error(), since(start));
    if (!*here) co_return not_there(l.commit);
    if (first) {
        auto on_top = co_await mirror.contains(l.commit, *tip);
        if (!on_top) co_return stopped(on_top.error(), since(start));
        if (*on_top) {
            now.commit = l.commit;
            co_return now;
        }
    }
    const auto from = ground_of_landing(k);
    if (!from.before.empty()) {
        here = co_await mirror.has(from.before);
        if (!here) co_return stopped(here.error(), since(start));
        if (!*here) co_return not_there(from.before);
    }
    // A revert is asked for by whoever has it rolled back; the commits of a rebase say already who asked for them.
    auto co_author = first ? t.what.co_author : config::co_author_of(with_.settings.git_co_authors, l.by);
    git::mirror::replay_spec spec{.from = from.before,
                                  .to = from.commit,
                                  .onto = *tip,
                                  .who = identity_of(with_.settings, co_author),
                                  .when = l.asked,
                                  .message = first ? std::string() : message_of_revert(t, from),
                                  .keep_as = ref_of(t) + "/landing"};
    auto made = first ? co_await mirror.rebase(std::move(spec)) : co_await mirror.revert(std::move(spec));
    if (!made) co_return stopped(made.error(), since(start));
    now.commit = made->commit;
    now.conflicts = std::move(made->conflicts);
    now.solve = with_.settings.deploy_solve_conflicts;
    now.same_text = made->same_text;
    now.size = {made->stat.files, made->stat.insertions, made->stat.deletions};
    co_return now;
}

awaitable<git::outcome<git::mirror::half_merged>> local_executor::merge_for(task t, git::commit_id onto) {
    const bool back = t.known.was.front().lands->what != landing::kind::deploy;
    auto now = std::move(t);
    now.known = facts(now.known.was.front()); // a copy first: it is in what it replaces
    const auto from = ground_of_landing(now.known);
    co_return co_await mirror_of(now).merge_as_far_as_it_goes(
        {.from = from.before,
         .to = from.commit,
         .onto = std::move(onto),
         .who = {with_.settings.git_author_name, with_.settings.git_author_email},
         .when = now.known.lands->asked,
         .message = message_of_revert(now, from),
         .keep_as = {}},
        back);
}

awaitable<mechanic::event> local_executor::do_check_landing(task t, check_landing what) {
    auto start = steady::now();
    auto& mirror = mirror_of(t);
    const auto& k = t.known;
    const auto onto = k.lands->onto;
    auto rules = co_await find_rules(mirror, onto, t.what, with_.settings, own(t));
    if (!rules) co_return stopped(rules.error(), since(start));
    if (rules->check.command.empty()) co_return checked{check_outcome::not_run, {}, {}, since(start)};
    file_ = rules->file;
    auto place = task_workspace::open(with_.workspaces, id_, held_);
    if (!place) co_return world_trouble{place.error()};
    place_ = std::move(*place);
    auto past = co_await git::history_of(mirror,
                                         {.branch = k.base_branch,
                                          .base = onto,
                                          .commits = file_.depth.value_or(with_.settings.checkout_depth.value_or(0))},
                                         with_.backend);
    if (!past) co_return stopped(past.error(), since(start));
    place_->lend(std::move(*past));
    if (file_.submodules) {
        auto fetched = co_await beyond_.fetch_submodules(
            with_, mirror, t.what.remote, onto, [this](const auto& url) { say(progress::kind::fetching, url); });
        if (!fetched) co_return stopped(fetched.error(), since(start));
    }
    if (file_.lfs)
        if (auto found = co_await beyond_.find_lfs(with_, mirror, t.what.remote, onto); !found)
            co_return stopped(found.error(), since(start));
    auto how = plan(t); // by the rules of what it is to be brought onto
    how.check = rules->check;
    how.setup = rules->setup;
    how.before = check_outcome::not_run;
    auto tell = [this](const progress& doing) {
        if (tell_.progress) tell_.progress(doing);
    };
    auto seen = co_await run_checks_at(std::move(how), *place_, mirror, onto, what.commit, tell);
    co_await put_away(); // the next try, after the branch moved, makes a fresh one
    if (seen.over_disk) co_return over_disk{.sentence = seen.could_not_run, .took_seconds = since(start)};
    co_return checked{seen.how, seen.feedback, seen.could_not_run, since(start)};
}

awaitable<mechanic::event> local_executor::do_land(task t, land what) {
    if (auto lost = co_await service::right_lost_by(with_.settings, with_.requests, t))
        co_return right_lost{std::move(*lost)};
    if (what.by_request) co_return co_await do_request(std::move(t), std::move(what));
    auto start = steady::now();
    say(progress::kind::pushing, t.known.base_branch);
    auto& mirror = mirror_of(t);
    auto joined = co_await join(mirror);
    if (!joined) co_return stopped(joined.error(), since(start), true);
    pushed done;
    for (const auto& each : *joined) {
        done.tip = each.made;
        done.with.push_back(each.id);
    }
    auto outcome = co_await mirror.land(t.known.base_branch, joined->empty() ? what.commit : done.tip, what.expected);
    if (!outcome && outcome.error().kind == git::error_kind::protected_branch)
        outcome.error().sentence += " " + told<"DEPLOY_STRATEGY=request brings it there by a pull request.",
                                               "С DEPLOY_STRATEGY=request это делается через pull request.">();
    if (!outcome) co_return stopped(outcome.error(), since(start), true);
    done.took_seconds = since(start);
    co_return done;
}

awaitable<mechanic::event> local_executor::do_watch(task t, watch what) {
    const auto& s = with_.settings; // read at each look, because they may be mended meanwhile
    auto start = steady::now();
    auto& mirror = mirror_of(t);
    health_question about{
        .commit = what.commit,
        .where = [&] { return health_place{s.deploy_health_url, s.deploy_version_header, s.deploy_version_pointer}; },
        .left = [&]() -> std::chrono::nanoseconds { return s.deploy_timeout - what.waited - (steady::now() - start); },
        .has = [&](std::string version) { return has_behind(mirror, std::move(version), what.commit); },
        .changed = [this](const auto& sentence) { say(progress::kind::watching, sentence); }};
    std::unique_ptr<forge::requests> at;
    if (s.deploy_watch == "forge") {
        auto found = requests_of(with_, t.what.remote, "DEPLOY_WATCH=forge");
        const bool has_address = !s.deploy_health_url.empty();
        if (!found && !has_address)
            co_return watched{health{false, found.error()}, false}; // which is no reason to take it back
        if (found && asks_forge(**found, has_address)) {
            at = std::move(*found);
            about.at_forge = [&] {
                return look_at_forge(*at, {what.commit, t.known.base_branch, s.deploy_environment}, about.has);
            };
        }
    }
    auto end = co_await watch_health(with_.web, about);
    if (!end) co_return watched{};
    co_return watched{std::move(end->seen), s.deploy_auto_rollback && end->known};
}

} // namespace persais::worker
