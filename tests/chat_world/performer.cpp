#include "chat_world/process.hpp"
#include "mechanic/step.hpp"

namespace persais::chat_world {

using namespace mechanic;
using namespace std::chrono_literals;
using happening = mechanic::event;

namespace {

/// All processes have the same disk; the remote is always reachable.
class quick_executor final : public worker::command_executor {
public:
    quick_executor(simulation& in, std::shared_ptr<const life> of, task_id id)
        : in_(in), life_(std::move(of)), id_(id) {}

    awaitable<happening> execute(task t, command what, std::string) override {
        dice_row d(in_.luck, 0x7a5cULL << 32 | static_cast<std::uint64_t>(id_.value * 1000 + ++done_));
        co_await sleep_for(std::chrono::milliseconds(d.between(10, d.chance(10) ? 20'000 : 1'500)));
        in_.pass(*life_, point::before_work);
        while (!life_->alive) {
            persais::event never(co_await asio::this_coro::executor);
            co_await never.wait();
        }
        in_.note("{} does {} of task {}", life_->name(), what.index(), id_.value);
        co_return std::visit([&](const auto& c) { return carry_out(t, c, d); }, what);
    }
    std::optional<std::string> take_conversation() override { return std::nullopt; }
    awaitable<void> put_away() override { co_return; }
    awaitable<void> clean_up(task) override { co_return; }
    void leave_behind() override {}

private:
    std::string commit_of(const task& t, int round) const {
        return fmt::format("{:08x}{:08x}{:08x}{:016x}", id_.value, t.known.turn, round, 0xc0de);
    }
    happening carry_out(const task& t, prepare, dice_row&) const {
        const auto& k = t.known;
        auto tip = in_.branches.find(k.branch);
        return prepared{.base = fmt::format("{:040x}", 0xba5e),
                        .base_branch = "main",
                        .branch = fmt::format("mechanic/{}-mend-it", id_.value),
                        .check = {"make test", "flag"},
                        .setup = {},
                        .has_work = k.made || k.draft,
                        .doubt_stands =
                            k.in_doubt && tip != in_.branches.end() && tip->second == k.in_doubt->made.commit,
                        .took_seconds = 1};
    }
    happening carry_out(const task& t, run_coder what, dice_row& d) const {
        switch (d.pick({80, 10, 5, 5})) {
        case 1:
            return coded_nothing{"nothing to do", 1};
        case 2:
            return world_trouble{.sentence = "the disk is full", .may_pass = true};
        case 3:
            return model_failed{
                .why = model_trouble::rate, .sentence = "slowly", .retry_after = 30s, .took_seconds = 1};
        default:
            return coded{.made = {commit_of(t, what.round), {1, 2, 3}, what.round},
                         .before = check_outcome::green,
                         .said = "done",
                         .took_seconds = 1};
        }
    }
    happening carry_out(const task&, run_checks, dice_row& d) const {
        if (d.chance(70))
            return checked{.how = check_outcome::green, .feedback = "", .could_not_run = "", .took_seconds = 1};
        return checked{.how = check_outcome::red, .feedback = "FAILED test_a", .could_not_run = "", .took_seconds = 1};
    }
    happening carry_out(const task&, const publish& what, dice_row&) const {
        in_.branches[what.branch] = what.commit;
        return mechanic::pushed{1};
    }
    happening carry_out(const task&, answer, dice_row&) const { return answer_given{"so it is", 1}; }
    happening carry_out(const task&, const auto&, dice_row&) const {
        throw std::logic_error("a command that has no event");
    }

    simulation& in_;
    std::shared_ptr<const life> life_;
    task_id id_;
    int done_ = 0;
};

} // namespace

std::unique_ptr<worker::command_executor> make_executor(simulation& in, std::shared_ptr<const life> of, task_id id) {
    return std::make_unique<quick_executor>(in, std::move(of), id);
}

} // namespace persais::chat_world
