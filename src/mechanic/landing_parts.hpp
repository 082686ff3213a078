#pragma once
#include <optional>
#include <string>

namespace persais::mechanic {

// What `landing` in task.hpp is made of.

/// Where a landing is. It begins with `lane` again whenever a worker takes it up.
enum class landing_step { lane, replay, check, push, watch };

/// What is on the base branch: the commits after `before` up to `commit`.
struct landed {
    std::string commit;
    std::string before;
    bool operator==(const landed&) const = default;
};

/// What was seen of a deployment.
struct health {
    bool well = false;
    std::string said; // a sentence: the newest answer
    bool operator==(const health&) const = default;
};

/// What a pull or merge request waits for. `checks`: those that the branch requires; `review`: a person's; `runs`: a
/// person has to let the workflows of its branch run; `forge`: until the forge knows itself whether it can be merged, or
/// has merged it; `queue`: it is in the queue that the forge merges from.
enum class request_need { checks, review, runs, forge, queue };
struct request_wait {
    request_need what = request_need::forge;
    std::string said; // a sentence
    bool operator==(const request_wait&) const = default;
};

/// What became of a push that brought several landings onto the base branch, for those behind the one that pushed.
struct front_outcome {
    std::optional<health> seen; // as facts::seen
    bool take_back = false;     // all of them are taken back
    bool operator==(const front_outcome&) const = default;
};

} // namespace persais::mechanic
