#include "coder/prepared_agent.hpp"

#include "coder/limits.hpp"

#include <algorithm>
#include <sys/stat.h>

#include <fmt/format.h>

namespace persais::coder {

namespace fs = std::filesystem;

/// One parent, and what it was made of.
struct prepared_agent::kept {
    sandbox::prepared_parent parent;
    std::string stamp;
    steady::time_point started = steady::now();
    bool came_up = false;
    bool wanted = true;   // false: it was given up, and its end is nothing to tell of
    bool retired = false; // it ended because nothing was asked of it, or because it was old
    bool over = false;
};

prepared_agent::prepared_agent(asio::any_io_executor executor, const sandbox::backend& confine,
                               aider_installation where, std::function<void(const std::string&)> tell)
    : executor_(std::move(executor)), confine_(confine), where_(std::move(where)), tell_(std::move(tell)),
      wait_(limits::prepared_retry) {}

prepared_agent::~prepared_agent() = default;

/// What changes whenever the environment or the wrapper is installed anew: the times of what an installer writes.
std::string prepared_agent::stamp() const {
    std::string all;
    auto wrapper = where_.wrapper.parent_path();
    for (const auto& path : {where_.environment, where_.environment / ".stamp", where_.environment / "pyvenv.cfg",
                             where_.environment / "bin", wrapper, wrapper / "persais_agent"}) {
        struct stat info{};
        if (::stat(path.c_str(), &info) == 0)
            all += fmt::format("{}:{}.{} ", info.st_ino, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    }
    return all;
}

void prepared_agent::start() {
    auto folder = where_.wrapper.parent_path();
    sandbox::child_spec spec{.argv = {(where_.environment / "bin/python").string(), "-I",
                                      (folder / "prepared.py").string(), sandbox::clone_library_inside,
                                      std::to_string(std::chrono::seconds(limits::prepared_idle).count())},
                             .environment = environment_of("/tmp"),
                             .total = limits::prepared_life};
    now_ = std::make_shared<kept>(kept{.parent = {confine_, std::move(spec), tools_of(where_)}, .stamp = stamp()});
    running_.push_back(std::make_unique<background<void>>(executor_, keep(now_, tell_)));
}

awaitable<void> prepared_agent::keep(std::shared_ptr<kept> what, std::function<void(const std::string&)> tell) {
    auto ended = co_await what->parent.live([what](sandbox::process&) -> awaitable<void> {
        what->came_up = true;
        co_return;
    });
    what->over = true;
    bool at_its_time = what->came_up && (ended.ok() || ended.how == sandbox::ended::timed_out);
    what->retired = at_its_time;
    if (!what->wanted || at_its_time) co_return;
    auto words = ended.error.substr(ended.error.substr(0, ended.error.find_last_not_of('\n')).rfind('\n') + 1);
    tell(fmt::format("no agent is kept ready, so each task starts one: the process for it ended ({}, {}) {}",
                     static_cast<int>(ended.how), ended.code, words));
}

/// The parent is over: another one may be started at once, unless it never came up, or dies again and again.
void prepared_agent::clear() {
    auto now = steady::now();
    if (now_->retired) {
        now_ = nullptr;
        return;
    }
    if (!now_->came_up || (died_ && now < *died_ + limits::prepared_retry)) wait();
    died_ = now;
    now_ = nullptr;
}

void prepared_agent::wait() {
    not_before_ = steady::now() + wait_;
    wait_ = std::min<steady::duration>(2 * wait_, limits::prepared_life);
}

void prepared_agent::drop() {
    now_->wanted = false;
    now_->parent.retire();
    now_ = nullptr;
}

std::shared_ptr<sandbox::clone_offer> prepared_agent::offer() {
    std::erase_if(running_, [](const auto& one) { return one->finished(); });
    if (now_ && now_->over) clear();
    if (now_ && now_->stamp != stamp()) drop();
    if (now_) return now_->parent.offer();
    std::error_code ec; // a wrapper that has no such program is started for each task
    bool can = fs::exists(where_.wrapper.parent_path() / "prepared.py", ec);
    if (can && (!not_before_ || steady::now() >= *not_before_)) start();
    return nullptr;
}

void prepared_agent::give_up(const sandbox::clone_offer& offer, const std::string& why) {
    if (!now_ || !now_->parent.made(offer)) return;
    if (now_->over) return clear(); // it died in between
    wait();
    tell_(fmt::format("the agent that was kept ready is given up, so each task starts one: {}", why));
    drop();
}

awaitable<void> prepared_agent::stop() {
    now_ = nullptr;
    for (auto& one : running_)
        co_await one->stop();
    running_.clear();
}

} // namespace persais::coder
