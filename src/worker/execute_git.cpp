// The executor's commands that use the remote: prepare and publish.
#include "base/background.hpp"
#include "base/told.hpp"
#include "git/tree_look.hpp"
#include "service/limits.hpp"
#include "worker/command_executor.hpp"
#include "worker/make_trees.hpp"
#include "worker/requests_of.hpp"

#include <fmt/format.h>

namespace persais::worker {

using namespace mechanic;

namespace {

using steady = std::chrono::steady_clock;
double since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

} // namespace

awaitable<mechanic::event> local_executor::do_prepare(task t, bool tree) {
    auto start = steady::now();
    if (tree && co_await with_.gateway.paused())
        co_return model_failed{
            .why = model_trouble::paused,
            .sentence = told<"All spending is paused by an admin.", "Администратор приостановил все расходы.">()};
    auto& mirror = mirror_of(t);
    say(progress::kind::fetching, t.what.remote);
    // A quick fetch shows no progress; for a long one a line every second is enough.
    auto how_far = [this, shown = start](std::string_view line) mutable {
        if (steady::now() - shown < limits::progress_every) return;
        shown = steady::now();
        say(progress::kind::receiving, std::string(line));
    };
    const auto& k = t.known;
    const bool solves = solves_conflict(k);
    auto wanted = solves ? std::optional(k.base_branch) : t.what.base_branch;
    if (auto set = own(t); !wanted && set) wanted = set->base_branch;
    bool ours = t.what.remote == with_.settings.git_remote_url;
    if (!wanted && ours && !with_.settings.git_base_branch.empty()) wanted = with_.settings.git_base_branch;
    background<std::string> asking(co_await asio::this_coro::executor, archived_at_forge(with_, t.what.remote));
    auto fresh = co_await mirror.refresh(how_far, wanted);
    auto archived = co_await asking.join();
    if (!fresh) co_return stopped(fresh.error(), since(start));
    if (!archived.empty()) co_return remote_trouble{"no_push", std::move(archived), since(start)};

    prepared done{.branch = t.known.branch};
    if (done.branch.empty()) done.branch = co_await mirror.free_branch(t.id.str(), t.what.instruction);
    auto branch = co_await mirror.base_branch(wanted);
    if (!branch) co_return stopped(branch.error(), since(start));
    auto base = co_await mirror.commit_of(*branch);
    if (!base) co_return stopped(base.error(), since(start));

    std::optional<git::commit_id> tip; // the branch's commit; not needed in the first turn
    if (k.turn > 0 || !k.was.empty())
        if (auto there = co_await mirror.commit_of(k.branch)) tip = *there;
    done.doubt_stands = k.in_doubt && tip && *tip == k.in_doubt->made.commit;
    done.is_pushed = k.made && tip == k.made->commit;
    std::optional<git::commit_id> ground; // the commit of a turn that works on what is pushed
    if (done.doubt_stands)
        ground = k.in_doubt->made.commit;
    else if (k.stands)
        ground = k.stands->made.commit;
    if (ground) {
        std::vector<git::commit_id> pushed_by_us{*ground};
        if (k.made) pushed_by_us.push_back(k.made->commit); // for a crash between the push and storing that it was done
        auto ok = co_await mirror.stands_at(k.branch, std::move(pushed_by_us));
        if (!ok) co_return stopped(ok.error(), since(start));
    } else if (k.turn > 0 && !k.made && tip) { // it is somebody else's branch of this name
        done.branch = co_await mirror.free_branch(t.id.str(), t.what.instruction);
    }
    auto work = k.made ? std::optional(k.made->commit) : k.draft;
    if (work) {
        auto here = co_await mirror.has(*work), on_base = co_await mirror.has(k.base);
        if (!here || !on_base) co_return stopped(here ? on_base.error() : here.error(), since(start));
        done.has_work = *here && *on_base;
    }
    if (work && !done.has_work) conversation_ = "[]"; // it is about work that is lost
    if (solves) ground.reset();                       // that one is replaced
    bool goes_on = done.has_work || ground;
    done.base = goes_on ? k.base : *base;
    done.base_branch = goes_on ? k.base_branch : *branch;
    auto rules = co_await find_rules(mirror, done.base, t.what, with_.settings, own(t));
    if (!rules) co_return stopped(rules.error(), since(start));
    if (!wanted && !goes_on && rules->file.base && *rules->file.base != *branch) { // named by the repository
        if (mirror.is_partial()) fresh = co_await mirror.refresh(how_far, rules->file.base);
        if (!fresh) co_return stopped(fresh.error(), since(start));
        auto other = co_await mirror.commit_of(*rules->file.base);
        if (!other) co_return stopped(other.error(), since(start));
        done.base = *other;
        done.base_branch = *rules->file.base;
        rules = co_await find_rules(mirror, done.base, t.what, with_.settings, own(t));
        if (!rules) co_return stopped(rules.error(), since(start));
    }
    file_ = rules->file;
    done.check = rules->check;
    done.setup = rules->setup;
    done.check_seconds = static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(check_time()).count());

    if (solves) {
        auto merge = co_await merge_for(t, done.base);
        if (!merge) co_return stopped(merge.error(), since(start));
        merge_ = std::move(*merge);
    }
    if (tree || !done.has_work) { // work that only had to be pushed, but was lost with its disk, has to be done again
        auto place = task_workspace::open(with_.workspaces, id_, held_);
        if (!place) co_return world_trouble{place.error()};
        place_ = std::move(*place);
        auto depth = rules->file.depth.value_or(with_.settings.checkout_depth.value_or(0));
        git::history_wish wish{.branch = done.base_branch, .base = done.base, .commits = depth, .progress = how_far};
        auto past = co_await git::history_of(mirror, std::move(wish), with_.backend);
        if (!past) co_return stopped(past.error(), since(start));
        if ((*past)->cut) say(progress::kind::history_cut, std::to_string((*past)->commits));
        place_->lend(std::move(*past));
        auto view = place_->code();
        if (!done.has_work) work = merge_ ? std::optional(merge_->commit) : std::nullopt;
        // The addresses of what lies elsewhere are the base's in each turn, as the gitlinks and pointers are: an
        // earlier turn may have spoilt them, and this one shall put that right.
        if (rules->file.submodules) {
            auto fetched =
                co_await beyond_.fetch_submodules(with_, mirror, t.what.remote, done.base,
                                                  [this](const auto& url) { say(progress::kind::fetching, url); });
            if (!fetched) co_return stopped(fetched.error(), since(start));
        }
        if (rules->file.lfs)
            if (auto found = co_await beyond_.find_lfs(with_, mirror, t.what.remote, done.base); !found)
                co_return stopped(found.error(), since(start));
        auto made = co_await make_tree(with_, mirror, *place_, task_workspace::part::code, ground.value_or(done.base),
                                       work, beyond_);
        if (!made) co_return stopped(made.error(), since(start));
        with_.backend.hand_over(view.home, view.slot);
        if (!work && !place_->code().tree_layers)
            co_await git::remember_tree(view.tree, place_->remembered(), ground.value_or(done.base));
    }
    if (t.what.what == order::kind::change && done.check.command.empty())
        say(progress::kind::no_check_found);
    else if (t.what.what == order::kind::change)
        say(progress::kind::check_found, fmt::format("{} ({})", done.check.command, done.check.source));
    if (tree) co_await recall_for(t);
    done.took_seconds = since(start);
    co_return done;
}

awaitable<mechanic::event> local_executor::do_publish(task t, publish what) {
    auto start = steady::now();
    say(progress::kind::pushing, what.branch);
    std::optional<git::commit_id> ours; // the commit that we pushed last; nullopt: the branch must not exist
    if (t.known.stands) ours = t.known.stands->made.commit;
    if (!what.anyway) {
        auto found = co_await leaks_.finish(mirror_of(t), ground_of(t.known), what.commit, file_);
        if (!found) co_return stopped(found.error(), since(start), true);
        if (!found->empty()) co_return leaks_found{std::move(*found), since(start)};
    }
    auto outcome = co_await mirror_of(t).push(what.branch, what.commit, std::move(ours));
    if (!outcome) co_return stopped(outcome.error(), since(start), true);
    auto page = co_await draft_of(t);
    co_return pushed{.took_seconds = since(start), .request = std::move(page)};
}

} // namespace persais::worker
