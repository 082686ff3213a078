#pragma once
#include "forge/requests.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace persais::worker::testing {

inline const std::string head(40, 'c'), tip(40, 'e'), merged(40, 'd'), page = "https://forge.example/7";

inline forge::request open_one(const std::string& how = "clean") {
    return {.number = 7, .page = page, .id = "PR_7", .head = head, .merge_info = how};
}

/// A forge that answers what a test says, one thing after the other; the last answer stays.
struct scripted_requests final : forge::requests {
    std::deque<std::vector<forge::request>> listed{{}};
    std::deque<forge::request> shown{open_one()};
    std::deque<forge::outcome<std::string>> merges{merged};
    forge::outcome<forge::request> opened{open_one()};
    std::string main = tip;
    forge::obstacle obstacle;
    std::vector<std::string> ways{"merge"};
    std::deque<forge::outcome<forge::merging>> begun; // empty: each merge is over at once
    std::deque<forge::outcome<forge::merging>> followed;
    std::deque<forge::outcome<forge::queue_place>> places{forge::queue_place{}};
    forge::outcome<void> put, out;
    std::deque<forge::outcome<forge::deployment_seen>> deployed{forge::deployment_seen{}};
    std::vector<std::string> asked;

    template <class T>
    static T next(std::deque<T>& all) {
        auto first = all.front();
        if (all.size() > 1) all.pop_front();
        return first;
    }
    std::string_view name() const override { return "The forge"; }
    forge::readiness readiness_of(const forge::request& which) const override {
        using enum forge::readiness;
        static const std::map<std::string, forge::readiness> words{
            {"clean", ready}, {"dirty", conflict}, {"blocked", blocked}, {"behind", outdated}, {"draft", blocked}};
        auto found = words.find(which.merge_info);
        return found == words.end() ? unknown : found->second;
    }
    awaitable<forge::outcome<std::vector<forge::request>>> of_branch(std::string branch, std::string base) override {
        asked.push_back("list " + branch + " " + base);
        co_return next(listed);
    }
    awaitable<forge::outcome<forge::request>> open(forge::new_request what) override {
        asked.push_back("open " + what.branch + (what.draft ? " draft" : ""));
        co_return opened;
    }
    awaitable<forge::outcome<forge::request>> read(int) override { co_return next(shown); }
    awaitable<forge::outcome<void>> end_draft(forge::request) override {
        asked.emplace_back("end draft");
        co_return forge::outcome<void>{};
    }
    awaitable<forge::outcome<std::string>> tip_of(std::string) override { co_return main; }
    awaitable<forge::outcome<forge::obstacle>> obstacle_to(forge::request, std::string, time_point) override {
        co_return obstacle;
    }
    awaitable<forge::outcome<std::vector<std::string>>> ways_to_merge() override { co_return ways; }
    awaitable<forge::outcome<std::string>> merge(forge::request which, std::string way) override {
        asked.push_back("merge " + way + " at " + which.head);
        co_return next(merges);
    }
    awaitable<forge::outcome<forge::merging>> begin_merge(forge::request which, std::string way) override {
        if (begun.empty()) co_return co_await forge::requests::begin_merge(std::move(which), std::move(way));
        asked.push_back("begin " + way + " at " + which.head);
        co_return next(begun);
    }
    awaitable<forge::outcome<forge::merging>> merging_of(forge::request, std::string id) override {
        asked.push_back("look at " + id);
        co_return next(followed);
    }
    awaitable<forge::outcome<forge::queue_place>> place_in_queue(forge::request) override { co_return next(places); }
    awaitable<forge::outcome<void>> enqueue(forge::request which) override {
        asked.push_back("enqueue " + which.head);
        co_return put;
    }
    awaitable<forge::outcome<void>> leave_queue(forge::request) override {
        asked.emplace_back("leave the queue");
        co_return out;
    }
    awaitable<forge::outcome<void>> close(int number) override {
        asked.push_back("close " + std::to_string(number));
        co_return forge::outcome<void>{};
    }
    awaitable<forge::outcome<void>> reopen(int number) override {
        asked.push_back("reopen " + std::to_string(number));
        co_return put;
    }
    awaitable<forge::outcome<void>> comment(int number, std::string text, std::string mark) override {
        asked.push_back("comment " + std::to_string(number) + " " + mark + ": " + text);
        co_return forge::outcome<void>{};
    }
    bool tells = true;
    bool tells_deployments() const override { return tells; }
    awaitable<forge::outcome<forge::deployment_seen>> deployment_of(forge::deployment_question about) override {
        asked.push_back("deployment of " + about.commit + " on " + about.branch + " in " + about.environment);
        co_return next(deployed);
    }
};

} // namespace persais::worker::testing
