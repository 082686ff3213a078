#pragma once
#include "pgserver/testing.hpp"
#include "queue/pg_tasks.hpp"
#include "queue/testing.hpp"
#include "store/migrate.hpp"
#include "world/model_tasks.hpp"

namespace persais::contract {

/// How the answer to a process's next write of a state, or claim of new tasks, is lost.
enum class loss { none, happened, never_arrived };

struct losses {
    loss how = loss::none;
    int times = 0;
    loss next() { return times > 0 && times-- > 0 ? how : loss::none; }
};

/// A store under test, with two processes on it, a clock that the test sets, and functions that look into it.
class bench {
public:
    virtual ~bench() = default;
    virtual queue::tasks& process(int n) = 0;
    virtual void lose_next_write(int process, loss how, int times = 1) = 0;
    virtual awaitable<void> pass(std::chrono::seconds time) = 0;
    virtual awaitable<std::vector<std::string>> told(task_id id) = 0;   // the rows of its outbox
    virtual awaitable<std::vector<std::string>> events(task_id id) = 0; // "state preparing", "progress one"
    virtual awaitable<void> make_unreadable(task_id id) = 0;
    /// The database crashed and forgot the claim of a task that had waited in the queue.
    virtual awaitable<void> forget_claim(task_id id) = 0;
};

inline constexpr auto ttl = std::chrono::seconds(10);

class model_bench final : public bench {
public:
    queue::tasks& process(int n) override { return n == 0 ? first_.tasks : second_.tasks; }
    void lose_next_write(int n, loss how, int times) override { (n == 0 ? first_ : second_).way.lost = {how, times}; }
    awaitable<void> pass(std::chrono::seconds time) override {
        now_ += time;
        co_return;
    }
    awaitable<std::vector<std::string>> told(task_id id) override {
        std::vector<std::string> all;
        for (const auto& each : store_.outbox)
            if (each.task == id) all.push_back(each.body);
        co_return all;
    }
    awaitable<std::vector<std::string>> events(task_id id) override {
        std::vector<std::string> all;
        for (const auto& each : store_.events)
            if (each.task == id) all.push_back(each.kind + " " + each.text);
        co_return all;
    }
    awaitable<void> make_unreadable(task_id id) override {
        store_.rows.at(id).unusable = true;
        co_return;
    }
    awaitable<void> forget_claim(task_id id) override {
        auto& r = store_.rows.at(id);
        r.task.now = mechanic::queued{now_};
        --r.at.value;
        r.lease_until.reset();
        r.lease_owner.clear();
        co_return;
    }

private:
    struct direct_wire final : world::wire {
        explicit direct_wire(model_bench& of) : of_(of) {}
        awaitable<void> send(const char* what, std::function<void(world::store_model&)> statement) override {
            bool write = std::string_view(what) == "write" || std::string_view(what) == "claim_new";
            auto how = write ? lost.next() : loss::none;
            of_.now_ += std::chrono::milliseconds(1); // no two statements have the same time
            if (how != loss::never_arrived) statement(of_.store_);
            if (how != loss::none) throw store::db_error("08007", "lost");
            co_return;
        }
        losses lost;
        model_bench& of_;
    };
    struct one_process {
        one_process(model_bench& of, std::string name) : way(of), tasks(way, std::move(name), ttl) {}
        direct_wire way;
        world::model_tasks tasks;
    };

    time_point now_{std::chrono::microseconds(1'767'225'600'000'000)};
    world::store_model store_{[this] { return now_; }};
    one_process first_{*this, "one"}, second_{*this, "two"};
};

class pg_bench final : public bench {
public:
    explicit pg_bench(store::pool& db) : db_(db), first_(db, "one"), second_(db, "two") {}
    queue::tasks& process(int n) override { return n == 0 ? first_ : second_; }
    void lose_next_write(int n, loss how, int times) override { (n == 0 ? first_ : second_).lost = {how, times}; }
    /// For the rows it is as if `time` had passed.
    awaitable<void> pass(std::chrono::seconds time) override {
        auto seconds = std::to_string(time.count());
        co_await db_.query("update tasks set not_before = not_before - i, lease_until = lease_until - i, "
                           "wait_until = wait_until - i, give_up_at = give_up_at - i, changed_at = changed_at - i "
                           "from (select $1::bigint * interval '1 second' as i) t",
                           {seconds});
        co_await db_.query("update lanes set claimed_at = claimed_at - $1::bigint * interval '1 second'", {seconds});
    }
    awaitable<std::vector<std::string>> told(task_id id) override {
        co_return texts(co_await db_.query("select body from outbox where task_id = $1 order by id", {id.str()}));
    }
    awaitable<std::vector<std::string>> events(task_id id) override {
        co_return texts(co_await db_.query("select kind || ' ' || coalesce(body ->> 'state', body ->> 'text') "
                                           "from task_events where task_id = $1 order by number",
                                           {id.str()}));
    }
    awaitable<void> make_unreadable(task_id id) override {
        co_await db_.query("update tasks set facts = '[7]'::jsonb where id = $1", {id.str()});
    }
    awaitable<void> forget_claim(task_id id) override {
        co_await db_.query("update tasks set state = 'queued', fence = fence - 1, lease_until = null, lease_owner = "
                           "null, attempt = null, not_before = now() where id = $1",
                           {id.str()});
    }

private:
    struct lossy final : queue::pg_tasks {
        lossy(store::pool& db, std::string name) : pg_tasks(db, std::move(name), ttl) {}
        losses lost;

    protected:
        awaitable<bool> write(change what) override {
            auto how = lost.next();
            if (how == loss::never_arrived) throw store::db_error("08007", "lost");
            bool done = co_await pg_tasks::write(std::move(what));
            if (how == loss::happened) throw store::db_error("08007", "lost");
            co_return done;
        }
        awaitable<std::vector<queue::snapshot>> write_claims(claim_of_new what) override {
            auto how = lost.next();
            if (how == loss::never_arrived) throw store::db_error("08007", "lost");
            auto found = co_await pg_tasks::write_claims(std::move(what));
            if (how == loss::happened) throw store::db_error("08007", "lost");
            co_return found;
        }
    };
    static std::vector<std::string> texts(const store::rows& r) {
        std::vector<std::string> all;
        for (int i = 0; i < r.size(); ++i)
            all.emplace_back(r.text(i, 0));
        return all;
    }

    store::pool& db_;
    lossy first_, second_;
};

/// Runs `body` with an empty store of kind B.
template <class B, class F>
void on_a(F body) {
    if constexpr (std::is_same_v<B, model_bench>) {
        B on;
        return pgserver::testing::on_a_loop(body(on));
    } else {
        pgserver::testing::scratch_database database;
        pgserver::testing::on_a_loop([](std::string url, F work) -> awaitable<void> {
            store::pool db(co_await asio::this_coro::executor, {.url = secret(std::move(url)), .size = 2});
            co_await store::migrate(db);
            B on(db);
            co_await work(static_cast<bench&>(on));
            db.close();
        }(database.url(), std::move(body)));
    }
}

} // namespace persais::contract
