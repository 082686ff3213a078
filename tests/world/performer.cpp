#include "world/performer.hpp"

#include "world/aim.hpp"
#include "world/forge.hpp"
#include "world/mishaps.hpp"
#include "world/pushes.hpp"

namespace persais::world {

using namespace mechanic;
using namespace std::chrono_literals;
using happening = mechanic::event;

namespace {

class seeded_executor final : public worker::command_executor {
public:
    seeded_executor(simulation& in, std::shared_ptr<const life> of, const worker::observer& tell, task_id id,
                    fence held)
        : in_(in), life_(std::move(of)), tell_(tell), id_(id), held_(held) {
        if (life_->alive) in_.checks.began(*life_, id_, held_);
    }

    awaitable<happening> execute(task t, command what, std::string conversation) override {
        dice_row d(in_.luck, static_cast<std::uint64_t>(id_.value) << 32 | ++in_.commands[id_]);
        in_.note("{} carries out {} of task {} under fence {}", life_->name(), what.index(), id_.value, held_.value);
        if (life_->alive) in_.checks.carries_out(*life_, t, held_, what);
        struct at_end {
            seeded_executor& me;
            ~at_end() { me.in_.checks.rests(*me.life_, me.id_, me.held_); }
        } rest{*this};
        if (tell_.progress) tell_.progress({progress::kind::agent_started});
        if (tell_.agent_text) tell_.agent_text(conversation);
        std::optional<happening> got;
        try {
            got = outcome_aimed_at(in_, t, what, d);
            if (!got) got = co_await std::visit([&](const auto& c) { return carry_out(t, c, d); }, what);
        } catch (const std::runtime_error& e) { // the driver makes world_trouble of it
            in_.checks.happened(id_, held_, world_trouble{e.what()});
            throw;
        }
        auto happened = std::move(*got);
        in_.pass(*life_, point::after_effect);
        co_await live();
        in_.note("{}: task {} gives event {}", life_->name(), id_.value, happened.index());
        in_.checks.happened(id_, held_, happened);
        if (d.chance(30)) conversation_ = "[\"talk\"]";
        co_return happened;
    }
    std::optional<std::string> take_conversation() override { return std::exchange(conversation_, std::nullopt); }
    awaitable<void> put_away() override {
        in_.pass(*life_, point::before_clean_up);
        if (life_->alive) disk().places.erase({id_, held_});
        co_return;
    }
    awaitable<void> clean_up(task t) override {
        co_await put_away();
        bool kept = keeps_work(verdict_of(t).value_or(verdict::aborted)) && t.known.made;
        if (life_->alive && is_final(t.now) && !kept && t.known.made) disk().kept.erase(t.known.made->commit);
    }
    void leave_behind() override {}

private:
    disk_model& disk() { return in_.disk_of(life_->service); }

    /// Waits until cancelled when the process is dead, because a dead process does nothing.
    awaitable<void> live() {
        while (!life_->alive) {
            persais::event never(co_await asio::this_coro::executor);
            co_await never.wait();
        }
    }
    awaitable<void> busy(dice_row& d, std::chrono::milliseconds usual) {
        auto most = d.chance(5) ? usual * 40 : usual;
        co_await sleep_for(std::chrono::milliseconds(d.between(1, most.count())));
        in_.pass(*life_, point::before_effect);
        co_await live();
    }
    /// In some plans all before a landing goes well.
    std::size_t pick(dice_row& d, std::initializer_list<unsigned> weights) {
        return in_.what.together ? 0 : d.pick(weights);
    }
    awaitable<happening> carry_out(task t, prepare what, dice_row d) {
        co_await busy(d, 800ms);
        if (in_.time.now() < in_.remote_away) co_return remote_trouble{"network", "no way to the remote", took(d)};
        switch (pick(d, {88, 3, 1, 1, 4})) {
        case 1:
            co_return remote_trouble{"network", "the remote hung", took(d)};
        case 2:
            co_return remote_trouble{"not_found", "there is no such repository", took(d)};
        case 3:
            co_return remote_trouble{"no_read", "the token was refused", took(d)};
        case 4:
            co_return begins_with_trouble(d);
        default:
            break;
        }
        for (const auto& [branch, commit] : in_.remote.branches)
            disk().branches.insert(commit);
        const auto& k = t.known;
        auto tip = k.turn > 0 || !k.was.empty() ? in_.remote.at(k.branch) : std::nullopt;
        bool doubt_stands = k.in_doubt && tip == k.in_doubt->made.commit;
        std::optional<std::string> ground;
        if (doubt_stands)
            ground = k.in_doubt->made.commit;
        else if (k.stands)
            ground = k.stands->made.commit;
        if (ground && tip != *ground && (!k.made || tip != k.made->commit))
            co_return remote_trouble{"moved", "somebody else's work", took(d)};
        if (solves_conflict(k)) ground.reset();
        auto work = k.made ? std::optional(k.made->commit) : k.draft;
        bool has = work && disk().has(*work);
        auto fresh = fmt::format("mechanic/{}-mend-it", id_.value);
        if (k.turn > 0 && in_.remote.at(fresh)) fresh += fmt::format("-{}", k.turn + 1); // it has what was deployed
        prepared done{.base = has || ground ? k.base : tip_of_main(t),
                      .base_branch = "main",
                      .branch = k.branch.empty() ? fresh : k.branch,
                      .has_work = has,
                      .doubt_stands = doubt_stands,
                      .is_pushed = k.made && tip == k.made->commit,
                      .took_seconds = took(d)};
        if (k.turn > 0 && !ground && !k.stands && !k.made && tip) done.branch += fmt::format("-{}", k.turn + 1);
        if (!in_.luck.chance(20, {2, static_cast<std::uint64_t>(id_.value)})) done.check = {"make test", "flag"};
        if (what.tree || !has) {
            disk().places[{id_, held_}] = life_;
            in_.pass(*life_, point::after_effect);
        }
        co_return done;
    }

    /// Others push to the base branch now and then.
    std::string tip_of_main(const task& t) {
        auto& all = in_.remote.main[t.what.remote];
        auto others = hex(1, in_.time.now() / in_.what.others_every);
        if (std::ranges::find(all, others) == all.end()) all.push_back(others);
        return all.back();
    }

    awaitable<happening> carry_out(task t, take_lane, dice_row d) {
        co_await busy(d, 50ms);
        auto lane = in_.store.take_lane(id_, held_);
        if (by_request(in_, t)) lane.ahead.clear();
        co_return lane_answered{lane.taken, std::move(lane.ahead)};
    }

    awaitable<happening> carry_out(task t, replay, dice_row d) {
        co_await busy(d, 800ms);
        if (in_.time.now() < in_.remote_away) co_return remote_trouble{"network", "no way to the remote", took(d)};
        switch (d.pick({90, 3, 2, 5})) {
        case 1:
            co_return remote_trouble{"network", "the remote hung", took(d)};
        case 2:
            co_return remote_trouble{"no_read", "the token was refused", took(d)};
        case 3:
            co_return world_is_broken(d);
        default:
            break;
        }
        const auto& k = t.known;
        const auto& l = *k.lands;
        bool first = l.what == landing::kind::deploy;
        auto tip = l.beside ? l.ahead : tip_of_main(t);
        mechanic::replayed now{.onto = tip, .commit = tip};
        if (l.beside) {
            if (!disk().has(tip)) co_return now;
        } else if (!l.made.empty() && in_.remote.on_main(t.what.remote, l.made))
            now.there = l.made;
        else if (first && in_.remote.on_main(t.what.remote, l.commit))
            now.there = l.commit;
        now.tip_there = !l.beside && !l.tip.empty() && in_.remote.on_main(t.what.remote, l.tip);
        find_merged(in_, t, now);
        if (!now.there.empty() || l.withdrawn) co_return now;
        auto fate = std::hash<std::string>{}(l.commit + tip + (first ? "+" : "-")); // the same for the same two commits
        const auto often = in_.what.conflicts ? 9U : 3U, seldom = in_.what.together ? 1U : 4U;
        if (first && k.base == tip)
            now.commit = l.commit;
        else if (fate % 16 == 0 || (fate / 16) % 16 < (first ? seldom : often))
            now.conflicts = {"a.py"};
        else if (fate % 16 != 1)
            now.commit = hex(static_cast<std::uint64_t>(l.asked.time_since_epoch().count()), fate);
        now.same_text = fate % 16 > (in_.what.together ? 2 : 5);
        now.solve = in_.luck.chance(90, {3, static_cast<std::uint64_t>(id_.value)});
        disk().kept.insert(now.commit);
        co_return now;
    }

    awaitable<happening> carry_out(task t, watch what, dice_row d) {
        co_await busy(d, 5000ms);
        if (std::hash<std::string>{}(what.commit) % 8 == 0) co_return world_is_broken(d); // whoever looks
        bool several = !t.known.lands->with.empty();
        switch (several ? d.pick({20, 30, 10, 35, 5}) : d.pick({30, 35, 5, 15, 15})) {
        case 0:
            co_return watched{};
        case 1:
            co_return watched{health{true, "It answers."}};
        case 2:
            co_return watched{health{false, "It answers 502."}};
        case 3:
            co_return watched{health{false, "It answers 502."}, true};
        default:
            co_return world_is_broken(d);
        }
    }

    awaitable<happening> carry_out(task t, check_landing what, dice_row d) {
        in_.checks.holds_commit(disk(), id_, held_, what.commit);
        co_await busy(d, 3000ms);
        co_return checks_come_to(d.pick(in_.what.together ? std::array<unsigned, 6>{74, 10, 2, 2, 3, 9}
                                                          : std::array<unsigned, 6>{56, 15, 4, 5, 8, 14}),
                                 d);
    }

    awaitable<happening> merge(task t, land what, dice_row d) {
        if (auto no = forge_declines(d)) co_return *no;
        co_await busy(d, 300ms);
        auto done = forge_merges(in_, *life_, t, held_, what, tip_of_main(t));
        if (done) co_return *done;
        in_.pass(*life_, point::after_effect);
        co_await live();
        auto way = d.pick({80, 10, 10});
        if (way == 1) co_return remote_trouble{"network", "the answer to the merge was lost", took(d)};
        if (way == 2) co_await busy(d, 10'000ms);
        co_return *forge_merges(in_, *life_, t, held_, what, what.expected);
    }

    awaitable<happening> carry_out(task t, land what, dice_row d) {
        co_await busy(d, 400ms);
        if (what.by_request && in_.time.now() >= in_.remote_away)
            co_return co_await merge(std::move(t), std::move(what), d);
        if (in_.time.now() < in_.remote_away) co_return remote_trouble{"network", "no way to the remote", took(d)};
        auto way = d.pick({70, 6, 5, 8, 8, 3});
        if (way == 5) co_return right_lost{"A right was taken back."};
        if (way == 2) co_return remote_trouble{"protected_branch", "the branch is protected", took(d)};
        if (way == 3) co_return world_is_broken(d);
        auto seen = tip_of_main(t);
        mechanic::pushed done{.took_seconds = took(d)};
        auto joined = join(in_, disk(), id_, held_, done);
        in_.pass(*life_, point::after_effect);
        co_await busy(d, 300ms);
        auto there = tip_of_main(t);
        auto last = joined.empty() ? what.commit : done.tip;
        for (const auto& tip : {seen, there})
            if (tip != last && tip != what.expected) co_return remote_trouble{"moved", "somebody else's work", took(d)};
        if (there != last) {
            push_all(in_, *life_, t, held_, what, joined);
            in_.pass(*life_, point::after_effect);
            co_await live();
        }
        if (way == 1) co_return remote_trouble{"network", "the answer to the push was lost", took(d)};
        if (way == 4) co_await busy(d, 10'000ms);
        co_return done;
    }

    /// The gateway's part: money is reserved before the call, so that a budget holds whatever dies.
    std::optional<happening> pay(const task& t, dice_row& d) {
        if (in_.time.now() < in_.model_away)
            return model_failed{.why = d.chance(50) ? model_trouble::network : model_trouble::key, .sentence = "away"};
        auto price = static_cast<double>(d.between(5, 40)) / 100;
        auto& spent = in_.spent_usd[id_];
        if (spent + price > t.what.budget_usd) return model_failed{model_trouble::task_budget, "used up"};
        spent += price;
        return std::nullopt;
    }

    mechanic::work make(const task& t, dice_row& d, int round) {
        auto content = d.below(~0ULL);
        auto commit = hex(static_cast<std::uint64_t>(t.known.dated.time_since_epoch().count()), content);
        disk().kept.insert(commit);
        return {commit, {1, 2, 3}, round};
    }

    awaitable<happening> carry_out(task t, run_coder what, dice_row d) {
        in_.checks.holds_place(disk(), id_, held_);
        if (auto refused = pay(t, d)) co_return *refused;
        co_await busy(d, 6000ms);
        switch (pick(d, {60, 5, 3, 4, 22, 4})) {
        case 1:
            co_return coded_nothing{"nothing to do", took(d)};
        case 2:
            co_return work_refused{
                std::array{verdict::protected_path, verdict::link_outside, verdict::paths_collide}[d.below(3)], "x",
                "y", took(d)};
        case 3: {
            coder_timed_out late{.idle = d.chance(50), .sentence = "too slow", .took_seconds = took(d)};
            if (d.chance(50)) late.made = make(t, d, what.round);
            if (d.chance(30)) co_return over_disk{"too much disk", late.made, late.took_seconds};
            co_return late;
        }
        case 4:
            co_return model_trouble_of(d);
        case 5:
            co_return world_is_broken(d);
        default:
            break;
        }
        coded done{.made = make(t, d, what.round), .before = t.known.before, .said = "done", .took_seconds = took(d)};
        if (solves_conflict(t.known) && d.chance(20)) done.unmerged = {"a.py"};
        in_.pass(*life_, point::after_effect);
        if (done.before == check_outcome::not_run && !t.known.check.command.empty())
            done.before = static_cast<check_outcome>(d.below(4));
        co_return done;
    }

    awaitable<happening> carry_out(task, run_checks what, dice_row d) {
        in_.checks.holds_place(disk(), id_, held_);
        in_.checks.holds_commit(disk(), id_, held_, what.commit);
        co_await busy(d, 3000ms);
        co_return checks_come_to(pick(d, {48, 32, 6, 5, 6, 3}), d);
    }

    awaitable<happening> carry_out(task t, publish what, dice_row d) {
        in_.checks.holds_commit(disk(), id_, held_, what.commit);
        co_await busy(d, 400ms);
        // Of a commit it is always the same, as the scan of its lines is.
        if (!what.anyway && std::hash<std::string>{}(what.commit) % 8 == 0)
            co_return leaks_found{{{"a.py", 1, "some-rule", "A rule.", "abcd…"}}, took(d)};
        if (in_.time.now() < in_.remote_away) co_return remote_trouble{"network", "no way to the remote", took(d)};
        auto way = pick(d, {80, 4, 3, 2, 6, 5});
        if (way == 2) co_return remote_trouble{"no_push", "the token may not push", took(d)};
        if (way == 3) co_return remote_trouble{"protected_branch", "the branch is protected", took(d)};
        if (way == 4) co_return world_is_broken(d);
        auto seen = in_.remote.at(what.branch);
        co_await busy(d, 300ms);
        auto there = in_.remote.at(what.branch);
        std::optional<std::string> ours;
        if (t.known.stands) ours = t.known.stands->made.commit;
        if (seen != what.commit && seen != ours) co_return remote_trouble{"moved", "somebody else's work", took(d)};
        if (there != what.commit && there != ours) co_return remote_trouble{"moved", "the lease", took(d)};
        if (there != what.commit) {
            in_.remote.branches[what.branch] = what.commit;
            in_.note("{} pushes {} to {}", life_->name(), what.commit, what.branch);
            in_.checks.pushed(*life_, t, held_, what.branch, what.commit);
            in_.pass(*life_, point::after_effect);
            co_await live();
        }
        if (way == 1) co_return remote_trouble{"network", "the answer to the push was lost", took(d)};
        if (way == 5) co_await busy(d, 10'000ms);
        co_return mechanic::pushed{took(d)};
    }

    awaitable<happening> carry_out(task t, answer, dice_row d) {
        in_.checks.holds_place(disk(), id_, held_);
        if (auto refused = pay(t, d)) co_return *refused;
        co_await busy(d, 4000ms);
        switch (d.pick({60, 23, 7, 7, 3})) {
        case 4:
            co_return over_disk{.sentence = "too much disk", .took_seconds = took(d)};
        case 1:
            co_return model_trouble_of(d);
        case 2:
            co_return coder_timed_out{.sentence = "too slow", .took_seconds = took(d)};
        case 3:
            co_return world_is_broken(d);
        default:
            co_return answer_given{"so it is", took(d)};
        }
    }

    awaitable<happening> carry_out(task, const auto&, dice_row) {
        throw std::logic_error("a command that has no event");
        co_return world_trouble{};
    }

    simulation& in_;
    std::shared_ptr<const life> life_;
    const worker::observer& tell_;
    task_id id_;
    fence held_;
    std::optional<std::string> conversation_;
};

} // namespace

std::unique_ptr<worker::command_executor> make_executor(simulation& in, std::shared_ptr<const life> of,
                                                        const worker::observer& tell, task_id id, fence held) {
    return std::make_unique<seeded_executor>(in, std::move(of), tell, id, held);
}

} // namespace persais::world
