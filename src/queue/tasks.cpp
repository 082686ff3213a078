#include "queue/tasks.hpp"

namespace persais::queue {

using namespace mechanic;

/// The lines of one lease holder. One statement at a time writes them, because two in flight could overtake each other.
struct tasks::gathering {
    explicit gathering(std::function<std::vector<line>()> from) : take(std::move(from)) {}
    std::function<std::vector<line>()> take;
    std::optional<event> free;
    bool busy = false;

    class turn {
    public:
        static awaitable<turn> wait(std::shared_ptr<gathering> of) {
            if (!of->free) of->free.emplace(co_await asio::this_coro::executor);
            while (of->busy) {
                of->free->reset();
                co_await of->free->wait();
            }
            co_return turn(std::move(of));
        }
        turn() = default;
        turn(turn&&) = default;
        turn& operator=(turn&&) = delete;
        ~turn() {
            if (!of_) return;
            of_->busy = false;
            of_->free->set();
        }
        std::vector<line> lines() { return of_ && of_->take ? of_->take() : std::vector<line>{}; }

    private:
        explicit turn(std::shared_ptr<gathering> of) : of_(std::move(of)) { of_->busy = true; }
        std::shared_ptr<gathering> of_;
    };
};

awaitable<std::vector<snapshot>> tasks::claim_new(int most, preparing to) {
    for (bool again = false;; again = true) {
        claim_of_new what{.most = most, .to = to, .number = ++claims_, .lost = lost_claims_};
        try {
            auto found = co_await write_claims(std::move(what));
            lost_claims_.clear();
            co_return found;
        } catch (const store::db_error& e) {
            if (!e.unknown_outcome()) throw;
            lost_claims_.push_back(claims_);
            if (again) throw; // whatever was claimed is told by the next one
        }
    }
}

awaitable<bool> tasks::save(snapshot was, task next, bool claim, side_writes also) {
    auto held = claim ? nullptr : gathered_of(was.task.id, was.at);
    auto turn = held ? co_await gathering::turn::wait(held) : gathering::turn();
    change what{std::move(was), std::move(next), claim, std::move(also), turn.lines()};
    try {
        co_return co_await write(what);
    } catch (const store::db_error& e) {
        if (!e.unknown_outcome()) throw;
    }
    // The connection broke before the answer came. The row tells whether the statement was carried out.
    auto now = co_await load(what.was.task.id);
    if (!now) co_return false;
    auto from = name_of(what.was.task.now), to = name_of(what.next.now);
    auto wanted = fence{what.was.at.value + (claim ? 1 : 0)};
    bool written = now->at == wanted && name_of(now->task.now) == to && now->task.known == what.next.known;
    // Two processes that claim the same row write the same state; the owner column tells which of them claimed it.
    bool moved = from != to || sequence_of(what.was.task.now) != sequence_of(what.next.now);
    if (written && (now->owner.empty() || now->owner == owner()) && (claim || moved)) co_return true;
    if (now->at != what.was.at) co_return false;
    co_return co_await write(std::move(what));
}

std::shared_ptr<tasks::gathering> tasks::gathered_of(task_id id, fence at) const {
    auto found = gathered_.find({id, at});
    return found == gathered_.end() ? nullptr : found->second;
}

void tasks::gather(task_id id, fence at, std::function<std::vector<line>()> take) {
    gathered_[{id, at}] = std::make_shared<gathering>(std::move(take));
}

void tasks::gather_no_more(task_id id, fence at) {
    if (auto found = gathered_of(id, at)) found->take = nullptr; // a statement in flight may still hold it
    gathered_.erase({id, at});
}

awaitable<void> tasks::write_gathered(task_id id, fence at) {
    auto held = gathered_of(id, at);
    if (!held) co_return;
    auto turn = co_await gathering::turn::wait(std::move(held));
    if (auto lines = turn.lines(); !lines.empty()) co_await note(id, at, std::move(lines));
}

} // namespace persais::queue
