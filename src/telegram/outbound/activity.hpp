#pragma once
#include <string>
#include <string_view>

namespace persais::telegram {

/// What a line of progress tells, so that it can be said in every language.
struct activity {
    enum class kind {
        other,
        fetching,
        reading,
        asking,
        waiting,
        opening,
        editing,
        setting_up,
        checking_base,
        checking,
        checking_again,
        repairing,
        publishing
    };
    kind what = kind::other;
    std::string of; // the file or command; of `other` the whole line
    bool operator==(const activity&) const = default;
};

/// The lines that app/ and the agent say.
activity read_activity(std::string_view line);

} // namespace persais::telegram
