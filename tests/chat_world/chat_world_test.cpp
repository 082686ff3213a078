// Runs CHAT_SEEDS (150) seeds from CHAT_FIRST (1). One that fails prints itself, what it needs to fail, and the command
// that repeats it: CHAT_SEED=n [CHAT_FAULTS=0,3] [CHAT_DEEDS=1,2] … --gtest_filter=chat_replay.one shows what happened;
// the lists are the faults and deeds that it needs, and without them all are used.
#include "chat_world/world.hpp"
#include "pgserver/testing.hpp"
#include "store/migrate.hpp"

#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

using namespace persais;
using namespace persais::chat_world;

namespace {

std::uint64_t number(const char* name, std::uint64_t usual) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : usual;
}

template <class T>
void keep_only(std::vector<T>& of, const char* name) {
    const char* given = std::getenv(name);
    if (!given) return;
    std::vector<T> kept;
    std::istringstream text(given);
    for (std::string each; std::getline(text, each, ',');)
        kept.push_back(of.at(std::strtoull(each.c_str(), nullptr, 10)));
    of = std::move(kept);
}

/// The positions in `all` of `some`, which is a part of it in the same order: "0,3,4".
template <class T, class Same>
std::string places(const std::vector<T>& all, const std::vector<T>& some, Same same) {
    std::string text;
    std::size_t next = 0;
    for (std::size_t i = 0; i < all.size() && next < some.size(); ++i)
        if (same(all[i], some[next])) {
            text += (text.empty() ? "" : ",") + std::to_string(i);
            ++next;
        }
    return text;
}

/// A database with our schema, whose clock functions return a run's time.
class scratch {
public:
    scratch() : url_(base_.url()) {
        pgserver::testing::on_a_loop([](std::string url) -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            store::pool bare(executor, {.url = secret(url), .size = 1});
            co_await bare.script(database::clocks());
            bare.close();
            store::pool db(executor, {.url = secret(std::move(url)), .size = 1});
            co_await store::migrate(db);
            db.close();
        }(url_));
        db_.emplace(url_);
    }
    database& db() { return *db_; }

private:
    pgserver::testing::scratch_database base_;
    std::string url_;
    std::optional<database> db_;
};

database& shared() {
    spdlog::set_level(spdlog::level::off);
    static scratch only;
    return only.db();
}

std::string told(const plan& whole, const report& first) {
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60); // then it is short enough
    auto fails = [until](const plan& p) {
        return std::chrono::steady_clock::now() < until && !run(shared(), p).violations.empty();
    };
    auto least = shrink(whole, fails);
    auto text = words(least);
    for (const auto& v : first.violations)
        text += "\n  VIOLATION " + v;
    text += fmt::format(
        "\nagain: CHAT_SEED={} CHAT_FAULTS={} CHAT_DEEDS={} chat_world_test --gtest_filter=chat_replay.one", whole.seed,
        places(whole.faults, least.faults,
               [](auto& a, auto& b) { return a.at == b.at && a.what == b.what && a.amount == b.amount; }),
        places(whole.people_actions, least.people_actions, [](auto& a, auto& b) { return a.number == b.number; }));
    return text;
}

} // namespace

TEST(chat_world, no_word_is_lost_whatever_happens) {
    auto first = number("CHAT_FIRST", 1), count = number("CHAT_SEEDS", 150);
    report all;
    int failed = 0;
    for (auto seed = first; seed < first + count && failed < 3; ++seed) {
        auto p = plan_of(seed);
        auto r = run(shared(), p);
        all.statements += r.statements;
        all.crashes += r.crashes;
        all.updates += r.updates;
        all.tasks += r.tasks;
        all.doubts += r.doubts;
        all.duplicates += r.duplicates;
        for (const auto& [effect, n] : r.effects)
            all.effects[effect] += n;
        if (r.violations.empty()) continue;
        ++failed;
        ADD_FAILURE() << told(p, r);
    }
    fmt::print("{} seeds: {} updates, {} tasks, {} statements, {} crashes and ends, {} answers lost; {} messages were "
               "sent again\n",
               count, all.updates, all.tasks, all.statements, all.crashes, all.doubts, all.duplicates);
    for (const auto& [effect, n] : all.effects)
        fmt::print("  {} {}\n", n, effect);
    EXPECT_LE(all.duplicates, all.crashes + all.doubts);
}

TEST(chat_replay, a_seed_does_the_same_twice) {
    for (std::uint64_t seed : {7, 42}) {
        auto once = run(shared(), plan_of(seed), true), again = run(shared(), plan_of(seed), true);
        EXPECT_GT(once.lines.size(), 50U);
        EXPECT_EQ(once.lines, again.lines) << seed;
        EXPECT_EQ(run(shared(), plan_of(seed)).sum, once.sum) << "looking changes nothing";
        EXPECT_NE(run(shared(), plan_of(seed + 1)).sum, once.sum);
    }
}

TEST(chat_replay, one) {
    if (!std::getenv("CHAT_SEED")) return;
    auto p = plan_of(number("CHAT_SEED", 7));
    keep_only(p.faults, "CHAT_FAULTS");
    keep_only(p.people_actions, "CHAT_DEEDS");
    auto r = run(shared(), p, true);
    fmt::print("{}\n", words(p));
    for (const auto& line : r.lines)
        fmt::print("{}\n", line);
    for (const auto& each : r.violations)
        ADD_FAILURE() << each;
}
