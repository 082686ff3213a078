#include "backup/keep.hpp"
#include "backup/manifest.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace persais::backup {
namespace {

using namespace std::chrono_literals;

const time_point now = time_point(std::chrono::seconds(1796066102));

/// Backups of so much time before now, each with letters of its own.
std::vector<std::string> made_ago(const std::vector<std::chrono::seconds>& ages) {
    std::vector<std::string> names;
    for (auto age : ages)
        names.push_back(name_of(now - age, std::to_string(names.size())));
    return names;
}

/// Those that are kept of one each five minutes for so long.
std::vector<std::chrono::seconds> kept_of(std::chrono::seconds total) {
    std::vector<std::chrono::seconds> ages;
    for (auto age = 0s; age < total; age += 5min)
        ages.push_back(age);
    auto names = made_ago(ages);
    std::set<std::string> gone;
    for (auto& name : not_kept(names, now))
        gone.insert(name);
    std::vector<std::chrono::seconds> kept;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!gone.contains(names[i])) kept.push_back(ages[i]);
    return kept;
}

TEST(keep, all_of_the_last_hour_are_kept) {
    EXPECT_TRUE(not_kept(made_ago({0s, 1min, 5min, 59min}), now).empty());
}

TEST(keep, one_an_hour_a_day_a_week) {
    auto kept = kept_of(24h * 60);
    auto within = [&](std::chrono::seconds from, std::chrono::seconds to) {
        return std::ranges::count_if(kept, [&](auto age) { return age >= from && age < to; });
    };
    EXPECT_EQ(within(0s, 1h), 12);
    EXPECT_GE(within(1h, 25h), 22);
    EXPECT_LE(within(1h, 25h), 24);
    EXPECT_GE(within(25h, 24h * 8), 5);
    EXPECT_LE(within(25h, 24h * 8), 7);
    EXPECT_GE(within(24h * 8, 24h * 60), 2);
    EXPECT_LE(within(24h * 8, 24h * 60), 3);
    EXPECT_LE(kept.size(), 12U + 24 + 7 + 4);
    EXPECT_GE(kept.back(), 24h * 14) << "of the fourth week the newest one";
}

TEST(keep, whatever_is_removed_as_time_goes_on_an_old_one_stays) {
    // A rule that keeps the newest of each span can, when it is applied again and again, lose the only old one.
    std::vector<std::string> there;
    for (auto at = now; at < now + 24h * 40; at += 20min) {
        there.push_back(name_of(at, "x"));
        for (const auto& gone : not_kept(there, at))
            std::erase(there, gone);
    }
    auto oldest = *time_in(there.front());
    EXPECT_LT(oldest, now + 24h * 40 - 24h * 14) << there.front();
    EXPECT_LE(there.size(), 3U + 24 + 7 + 4 + 1);
}

TEST(keep, the_newest_stays_though_nothing_was_made_for_years) {
    EXPECT_TRUE(not_kept(made_ago({24h * 1000}), now).empty());
    auto names = made_ago({24h * 1000, 24h * 1000 + 1min});
    EXPECT_EQ(not_kept(names, now), std::vector{names[1]});
}

TEST(keep, what_is_no_backup_is_nobodys_to_remove) {
    auto names = made_ago({24h * 1000, 24h * 1000 + 1min, 24h * 1000 + 2min});
    names.insert(names.end(), {"notes.txt", "persais-old.age", "persais.age", ""});
    for (const auto& gone : not_kept(names, now))
        EXPECT_TRUE(time_in(gone)) << gone;
    EXPECT_EQ(not_kept(names, now).size(), 2U);
}

TEST(keep, their_order_does_not_matter) {
    std::vector<std::chrono::seconds> ages;
    for (auto age = 0s; age < 24h * 3; age += 7min)
        ages.push_back(age);
    auto names = made_ago(ages);
    auto expected = not_kept(names, now);
    std::ranges::shuffle(names, std::mt19937(7));
    EXPECT_EQ(not_kept(names, now), expected);
}

} // namespace
} // namespace persais::backup
