#include "service/caller_tasks.hpp"

#include "base/seal.hpp"
#include "base/told.hpp"
#include "config/master_key.hpp"
#include "mechanic/step.hpp"
#include "queue/add_task.hpp"
#include "queue/api_tasks.hpp"
#include "queue/listing.hpp"
#include "queue/money.hpp"
#include "queue/turns.hpp"
#include "service/limits.hpp"
#include "service/models.hpp"
#include "service/remotes.hpp"
#include "service/repositories.hpp"
#include "service/second_factor.hpp"

#include <chrono>
#include <utility>

#include <fmt/ranges.h>

namespace persais::service {

using enum refusal::reason;

namespace {

constexpr std::string_view taken_meanwhile = "23505"; // the key, or the number of the turn

std::unexpected<refusal> another_persons() {
    return refuse(not_yours, told<"The task is another person's.", "Это задача другого человека.">());
}

std::unexpected<refusal> there_is_none(task_id id) {
    return refuse(no_task, told<"There is no task {}.", "Задачи {} нет.">(id.value));
}

/// Whoever chooses the checks decides what is green.
answer<void> may_choose_commands(role here, const caller_tasks::wish& what) {
    if (here == role::admin || (!what.check && !what.setup && !what.base_branch)) return {};
    return refuse(admins_only,
                  told<"Only an admin may say what a task is checked with, or which branch it is for.",
                       "Чем проверять задачу и для какой она ветки, может указать только администратор.">());
}

answer<void> may_spend(role here, const std::optional<double>& usd, const config::settings& settings) {
    if (!usd || (*usd > 0 && *usd <= settings.budget_task_usd)) return {};
    return may_raise(here, relation::owns, *usd, settings);
}

answer<void> may_ask_model(role here, const std::optional<std::string>& model, const queue::repository* own,
                           const config::settings& settings) {
    if (!model) return {};
    if (!may_use(here, *model, settings))
        return refuse(model_not_allowed, told<"Of the models you may choose {}.", "Из моделей вам доступны {}.">(
                                             fmt::format("{}", fmt::join(models_for_users(settings), ", "))));
    if (!allows_model(own, *model))
        return refuse(model_not_allowed, told<"The repository's models are {}.", "Модели репозитория: {}.">(
                                             fmt::format("{}", fmt::join(own->models, ", "))));
    return {};
}

} // namespace

awaitable<answer<caller_tasks::seen>> caller_tasks::look(const caller& who, task_id id) {
    auto found = co_await queue_.load(id);
    if (!found) co_return there_is_none(id);
    const auto& remote = found->task.what.remote;
    auto is = who.to(remote, who.person ? co_await queue::giver_of(db_, id) : std::nullopt, settings());
    if (is == relation::none) co_return another_persons();
    auto here = who.in(remote, settings());
    co_return seen{.row = std::move(*found), .here = here, .is = is};
}

awaitable<caller_tasks::page> caller_tasks::list(const caller& who, queue::page_filter what) {
    page made;
    what.giver = who.person && !who.sees_others(settings()) ? who.person : std::nullopt;
    auto most = static_cast<std::size_t>(std::exchange(what.most, limits::listed_at_once));
    for (int read = 0; read < limits::list_reads; ++read) { // of tasks that others gave, most may be nothing for them
        auto some = co_await queue::page_of_tasks(db_, what);
        for (auto& each : some) {
            if (made.tasks.size() == most) co_return made;
            made.before = what.before = each.what.id;
            if (who.to(each.what.remote, each.giver, settings()) != relation::none)
                made.tasks.push_back(std::move(each.what));
        }
        if (some.size() < static_cast<std::size_t>(limits::listed_at_once)) {
            made.before.reset();
            co_return made;
        }
    }
    co_return made;
}

awaitable<answer<std::optional<caller_tasks::submitted>>> caller_tasks::earlier(const caller& who,
                                                                                std::optional<request_key> key) {
    if (!key) co_return std::optional<submitted>();
    auto kept = co_await queue::kept_request(db_, who.by(), key->key);
    if (!kept) co_return std::optional<submitted>();
    if (kept->digest != key->digest)
        co_return refuse(key_used, told<"This Idempotency-Key was used for another request: choose a new one.",
                                        "Этот Idempotency-Key уже был у другого запроса: выберите новый.">());
    co_return submitted{.id = kept->task, .turn = kept->turn, .again = true};
}

awaitable<answer<void>> caller_tasks::may_let_one_wait(const caller& who) {
    if (!who.person) co_return answer<void>();
    int waiting = co_await queue::waiting_of(db_, *who.person);
    co_return may_wait(waiting, co_await queue::may_wait_of(db_, *who.person));
}

/// Adds the task, with who gave it and the key, in one transaction.
awaitable<answer<caller_tasks::submitted>> caller_tasks::add(const caller& who, mechanic::order order,
                                                             std::optional<request_key> key) {
    for (;;) {
        auto id = co_await queue::reserve_task(db_);
        std::vector<store::statement> all{queue::add_statement(id, order, std::chrono::milliseconds(0), "[]")};
        if (who.person) all.push_back(queue::given_by_api(id, *who.person));
        if (key)
            all.push_back(
                queue::keep_request({.person = who.by(), .key = key->key, .digest = key->digest, .task = id}));
        bool taken = false;
        try {
            co_await db_.transact(std::move(all));
        } catch (const store::db_error& e) {
            taken = key && e.sqlstate == taken_meanwhile;
            if (!taken) throw;
        }
        if (!taken) {
            wake_();
            co_return submitted{.id = id};
        }
        auto first = co_await earlier(who, key); // the same request, at the same moment
        if (!first) co_return std::unexpected(first.error());
        if (*first) co_return **first; // else its task is gone already
    }
}

awaitable<answer<mechanic::order>> caller_tasks::order_of(const caller& who, wish what) {
    auto remote = what.repository.empty() ? settings().git_remote_url : what.repository;
    if (!what.repository.empty() && (is_repository_name(what.repository) || who.person) &&
        what.repository != settings().git_remote_url) {
        auto named = co_await find_repository(db_, what.repository);
        if (!named) co_return std::unexpected(named.error());
        remote = named->remote;
    }
    auto here = who.in(remote, settings());
    if (auto may = may_give(here); !may) co_return std::unexpected(may.error());
    auto own = repository_at(&repositories_, remote);
    if (auto may = may_choose_commands(here, what); !may) co_return std::unexpected(may.error());
    if (auto may = may_spend(here, what.budget_usd, settings()); !may) co_return std::unexpected(may.error());
    if (auto may = may_ask_model(here, what.model, own.get(), settings()); !may) co_return std::unexpected(may.error());
    auto order = order_from({.what = what.what,
                             .instruction = std::move(what.instruction),
                             .remote = remote,
                             .base_branch = std::move(what.base_branch),
                             .check = std::move(what.check),
                             .setup = std::move(what.setup),
                             .model = std::move(what.model),
                             .budget_usd = what.budget_usd,
                             .asked_by = who.by()},
                            settings(), own.get());
    if (!order) co_return order;
    if (auto ok = acceptable(order->remote, settings()); !ok) co_return std::unexpected(ok.error());
    co_return order;
}

awaitable<answer<caller_tasks::submitted>> caller_tasks::submit(const caller& who, wish what,
                                                                std::optional<request_key> key) {
    auto before = co_await earlier(who, key);
    if (!before) co_return std::unexpected(before.error());
    if (*before) co_return **before;
    auto order = co_await order_of(who, std::move(what));
    if (!order) co_return std::unexpected(order.error());
    if (auto may = co_await may_let_one_wait(who); !may) co_return std::unexpected(may.error());
    co_return co_await add(who, std::move(*order), std::move(key));
}

awaitable<answer<caller_tasks::submitted>> caller_tasks::reply(const caller& who, task_id id, std::string instruction,
                                                               std::optional<request_key> key) {
    auto said = instruction_from(instruction);
    if (!said) co_return std::unexpected(said.error());
    for (;;) { // the number of the turn may be taken between our read and our write
        auto before = co_await earlier(who, key);
        if (!before) co_return std::unexpected(before.error());
        if (*before) co_return **before;
        auto found = co_await look(who, id);
        if (!found) co_return std::unexpected(found.error());
        if (auto may = may_give(found->here); !may) co_return std::unexpected(may.error());
        auto around = co_await queue::load_task_metadata(db_, id);
        if (!around) co_return there_is_none(id);
        if (auto may = may_keep(around->kept_replies); !may) co_return std::unexpected(may.error());
        int turn = found->row.last_turn + 1;
        std::vector<store::statement> all{queue::reply_statement(id, {turn, *said, who.person})};
        if (key)
            all.push_back(queue::keep_request(
                {.person = who.by(), .key = key->key, .digest = key->digest, .task = id, .turn = turn}));
        bool taken = false;
        try {
            co_await db_.transact(std::move(all));
        } catch (const store::db_error& e) {
            taken = e.sqlstate == taken_meanwhile;
            if (!taken) throw;
        }
        if (taken) continue;
        wake_();
        co_return submitted{.id = id, .turn = turn};
    }
}

awaitable<answer<abort_end>> caller_tasks::abort(const caller& who, task_id id, std::string shown) {
    auto found = co_await look(who, id);
    if (!found) co_return std::unexpected(found.error());
    if (found->is != relation::owns) co_return another_persons();
    auto how = co_await rules_.abort(id, std::move(shown));
    wake_();
    co_return how;
}

awaitable<answer<caller_tasks::submitted>> caller_tasks::retry(const caller& who, task_id id,
                                                               std::optional<request_key> key) {
    auto before = co_await earlier(who, key);
    if (!before) co_return std::unexpected(before.error());
    if (*before) co_return **before;
    auto found = co_await look(who, id);
    if (!found) co_return std::unexpected(found.error());
    if (found->is != relation::owns) co_return another_persons();
    if (auto may = may_give(found->here); !may) co_return std::unexpected(may.error());
    const auto& old = found->row.task;
    if (!mechanic::is_settled(old.now))
        co_return refuse(under_way, told<"Task {} is under way: it can be tried again when it has ended.",
                                         "Задача {} выполняется: повторить её можно, когда она закончится.">(id.value));
    if (mechanic::retries_its_turn(old)) co_return co_await reply(who, id, old.known.asked, std::move(key));
    auto order = co_await rules_.order_of_next_try(old);
    if (!order) co_return std::unexpected(order.error());
    if (auto may = co_await may_let_one_wait(who); !may) co_return std::unexpected(may.error());
    co_return co_await add(who, std::move(*order), std::move(key));
}

awaitable<answer<void>> caller_tasks::prove(const caller& who, secret code) {
    auto master = config::master_key(settings());
    if (!master) co_return refuse(no_factor, master.error());
    seal sealing(*master);
    co_return co_await second_factors(db_, sealing, time_).prove(who.by(), std::move(code));
}

awaitable<answer<tasks::landing_begun>> caller_tasks::land(const caller& who, task_id id, bool back,
                                                           tasks::landing_wish wish, secret code) {
    auto found = co_await look(who, id);
    if (!found) co_return std::unexpected(found.error());
    wish.by = who.by();
    auto asks = [&] {
        return back ? rules_.roll_back(id, wish, found->here, found->is)
                    : rules_.deploy(id, wish, found->here, found->is);
    };
    auto begun = co_await asks();
    if (!begun && begun.error().why == needs_code && !code.empty()) {
        if (auto right = co_await prove(who, std::move(code)); !right) co_return std::unexpected(right.error());
        begun = co_await asks();
    }
    if (begun) wake_();
    co_return begun;
}

awaitable<answer<void>> caller_tasks::discard(const caller& who, task_id id, bool back, std::string commit) {
    auto found = co_await look(who, id);
    if (!found) co_return std::unexpected(found.error());
    if (found->is != relation::owns) co_return another_persons();
    auto done =
        back ? co_await rules_.undiscard(id, std::move(commit)) : co_await rules_.discard(id, std::move(commit));
    wake_();
    co_return done;
}

awaitable<answer<void>> caller_tasks::raise_budget(const caller& who, task_id id, double usd) {
    auto found = co_await look(who, id);
    if (!found) co_return std::unexpected(found.error());
    auto raised = co_await rules_.raise_budget(id, usd, found->here, found->is);
    wake_();
    co_return raised;
}

} // namespace persais::service
