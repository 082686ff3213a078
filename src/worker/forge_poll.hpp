#pragma once
#include "forge/written.hpp"
#include "queue/forge_inbox.hpp"
#include "worker/forge_listening.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace persais::worker {

/// Looks at the repositories that are listened to for what was written since: those that no webhook tells of each
/// FORGE_POLL, and the others now and then, because a forge does not repeat a call that was not taken. While nothing is
/// new, no SQL is sent. Used from one executor.
class forge_poll {
public:
    /// All outlive it. `found`: something was stored.
    forge_poll(const dependencies& with, store::pool& db, std::function<void()> found)
        : with_(with), db_(db), found_(std::move(found)) {}
    /// Other repositories may be listened to now.
    void wake();
    /// A webhook told of this remote.
    void heard_of(const std::string& remote);
    awaitable<void> run();

private:
    struct one {
        std::unique_ptr<forge::conversations> at;
        std::optional<forge::looked> from;
        time_point stored{};         // when how far it was looked through was stored
        std::set<std::string> known; // what was found and stored
        std::chrono::steady_clock::time_point next{};
        bool hooked = false;
        std::string trouble; // that was logged
    };
    awaitable<std::chrono::milliseconds> look_at_all();
    awaitable<void> look_at(std::string remote, one& of);
    awaitable<void> begin(std::string remote, one& of);
    awaitable<void> keep(std::string remote, one& of, std::vector<forge::written> all);

    const dependencies& with_;
    store::pool& db_;
    std::function<void()> found_;
    std::map<std::string, one> all_; // by remote
    std::optional<event> news_;
};

/// What was heard, as it is stored.
queue::heard heard_from(const std::string& remote, const forge::written& what, std::string delivery = {});

} // namespace persais::worker
