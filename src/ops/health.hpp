#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace persais::ops {

/// What the parts of the service report about themselves, kept for `/health`. Each part reports when something changes,
/// so that a request costs no SQL, no disk access and no child process. One thread.
class health {
public:
    enum class state { up, degraded, down };
    struct report {
        state how = state::down;
        std::string sentence; // why it is not up, and what to do
    };

    /// A part is "down, not started yet" until it reports. `parts`: in the order in which they are shown.
    explicit health(std::vector<std::string> parts);

    /// Throws std::invalid_argument for a part that the constructor was not given; so does `of`.
    void set(std::string_view part, state how, std::string sentence = {});
    const report& of(std::string_view part) const;
    /// The worst state of all parts.
    state overall() const;
    bool ready() const { return overall() != state::down; }
    /// As in contract.md: {"status":"ok|degraded|down","checks":{"database":…}}; a check is {"status":…,"message":…}.
    std::string json() const;

    /// Called after a part changed its state, with its name; for the log. May be empty.
    std::function<void(std::string_view part, const report& was, const report& is)> changed;

private:
    std::vector<std::string> order_;
    std::map<std::string, report, std::less<>> parts_;
};

} // namespace persais::ops
