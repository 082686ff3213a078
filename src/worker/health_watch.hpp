#pragma once
#include "http/client.hpp"
#include "mechanic/task.hpp"
#include "worker/limits.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::worker {

/// Where a deployment tells how it does, and which version it is: DEPLOY_HEALTH_URL, DEPLOY_VERSION_HEADER and
/// DEPLOY_VERSION_POINTER.
struct health_place {
    std::string url;
    std::string header;  // of the answer; empty: none has the version
    std::string pointer; // into the answer's JSON; empty: it has none
};

/// One answer, read. `version` is empty when none was asked for or found.
struct health_sign {
    bool well = false;
    std::string version;
    std::string said;  // one sentence for the person; names the host and nothing else of the address
    bool over = false; // looking again is of no use
    bool known = true; // false: nobody could say how the deployment does
    std::optional<std::chrono::seconds> pause = {}; // whoever was asked wants to be left alone for so long
};
/// A deployment is well when it answers 200 and, where a version is asked for, names this commit: by its id, by the
/// beginning of it (7 digits or more), or with either in it, as `git describe` writes it.
health_sign read_health(const health_place& where, const http::fetched& answer, const std::string& commit);

/// What in a version may be the id of a commit, or the beginning of one.
std::vector<std::string> ids_in(std::string_view version);

struct health_question {
    std::string commit;
    std::function<health_place()> where;            // as the settings are now; an empty address: nobody wants to know
    std::function<std::chrono::nanoseconds()> left; // of the time that it may take; one look is taken in any case
    /// Whether the version has `commit` behind it; nullopt: it could not be found out now.
    std::function<awaitable<std::optional<bool>>(std::string version)> has;
    std::function<void(const std::string& sentence)> changed; // what was seen is not what was seen before
    std::chrono::nanoseconds every = limits::health_look_every;
    /// One look at what the forge says; empty: it is not asked. Once it said that all is well it is not asked again.
    std::function<awaitable<health_sign>()> at_forge = {};
    std::chrono::nanoseconds every_at_forge = limits::forge_look_every;
};
struct watch_end {
    mechanic::health seen;
    bool known = true; // false: it is not seen to be well, and not seen to be unwell either
};
/// Looks until it is well or the time is over; nullopt when there is nobody to ask. What cannot be reached, hangs or
/// answers nonsense is not well yet. Cancellation throws operation_aborted.
awaitable<std::optional<watch_end>> watch_health(http::client& web, health_question about);

} // namespace persais::worker
