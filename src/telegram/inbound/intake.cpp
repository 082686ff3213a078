#include "telegram/inbound/intake.hpp"

#include "telegram/inbound/limits.hpp"

#include <map>

#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace {

struct group {
    explicit group(const asio::any_io_executor& executor) : settled(executor) {}
    std::vector<telegram::stored_update> updates;
    event settled;
    bool stored = false;
};

} // namespace

/// Shared with the COMMIT that is running, which may outlive the intake.
struct intake::state {
    state(const asio::any_io_executor& e, store::pool& d, intake_dependencies p)
        : executor(e), db(d), dependencies(std::move(p)), gathering(std::make_shared<group>(e)) {}

    static awaitable<void> commit_all(std::shared_ptr<state> self) {
        while (!self->gathering->updates.empty()) {
            auto now = std::exchange(self->gathering, std::make_shared<group>(self->executor));
            self->count = self->bytes = 0;
            std::map<std::int64_t, std::string> effects;
            for (const auto& each : now->updates)
                effects[each.number] = each.effect;
            auto heard = co_await self->commit(std::move(now->updates));
            now->stored = heard.has_value();
            now->settled.set();
            if (!heard) continue;
            for (auto number : *heard)
                effects[number].clear();
            self->tell(effects);
        }
        self->under_way = false;
    }

    void tell(const std::map<std::int64_t, std::string>& effects) const {
        bool news = false;
        for (const auto& [number, each] : effects) {
            if (each.empty())
                news = true;
            else if (dependencies.turned_away)
                dependencies.turned_away(each);
        }
        if (news && dependencies.stored) dependencies.stored();
    }

    /// Those that have to be read although they were turned away; nullopt: nothing was stored.
    awaitable<std::optional<std::vector<std::int64_t>>> commit(std::vector<telegram::stored_update> updates) {
        std::string why;
        try {
            auto heard = co_await with_deadline(limits::intake_commit, telegram::store_updates(db, std::move(updates)));
            failing = false;
            co_return heard;
        } catch (const deadline_passed&) {
            why = "the database does not answer";
        } catch (const std::exception& e) {
            why = e.what();
        }
        if (!std::exchange(failing, true)) spdlog::warn("what Telegram sends is not taken now: {}", why);
        co_return std::nullopt;
    }

    asio::any_io_executor executor;
    store::pool& db;
    intake_dependencies dependencies;
    std::shared_ptr<group> gathering;
    std::size_t count = 0, bytes = 0; // of `gathering`
    bool under_way = false;
    bool failing = false;
    cancel_handle committing;
};

intake::intake(const asio::any_io_executor& executor, store::pool& db, intake_dependencies dependencies)
    : state_(std::make_shared<state>(executor, db, std::move(dependencies))) {}

intake::~intake() {
    state_->dependencies = {};
    state_->gathering->settled.set();
    state_->committing.cancel();
}

awaitable<bool> intake::take(std::vector<telegram::stored_update> some) {
    auto self = state_;
    if (some.empty()) co_return true;
    std::size_t bytes = 0;
    for (const auto& each : some)
        bytes += each.body.size();
    // A single update always fits, because none may be refused for ever.
    bool full = self->count + some.size() > limits::intake_waiting || self->bytes + bytes > limits::intake_bytes;
    if (full && self->count > 0) co_return false;
    auto mine = self->gathering;
    self->count += some.size();
    self->bytes += bytes;
    for (auto& each : some) {
        if (self->dependencies.turn_away) self->dependencies.turn_away(each);
        mine->updates.push_back(std::move(each));
    }
    if (!std::exchange(self->under_way, true))
        self->committing = spawn(self->executor, "telegram intake", state::commit_all(self));
    co_await mine->settled.wait();
    co_return mine->stored;
}

} // namespace persais::telegram
