#pragma once
#include "doctor/finding.hpp"
#include "i18n/language.hpp"

#include <functional>

namespace persais::doctor {

/// How findings are shown: on a terminal that supports UTF-8 with ✓ ! ✗, else with words.
struct dress {
    bool marks = false;
    bool colours = false;
    std::size_t columns = 100;
};
/// By what the descriptor is, by the locale and by what `coloured` says.
dress dress_for(int descriptor);

/// The findings with the sentences and the advice of a language; as they are made they are English.
findings in_language(i18n::language l, findings found);

/// One finding a line: mark, name (aligned to these, and to `least` columns), sentence; what to do is on the line
/// below.
std::string words(const findings& all, const dress& how, std::size_t least = 0);

/// Shows the findings of the probes as they come: at once, but for those that were not tried, which come last.
class stream {
public:
    explicit stream(dress how, std::function<void(const std::string&)> put) : how_(how), put_(std::move(put)) {}
    void add(const findings& found);
    /// The findings that were not tried.
    void end();

private:
    dress how_;
    std::function<void(const std::string&)> put_;
    findings untried_;
};
/// One sentence: how many failed and which, how many need a look, how many were not tried.
std::string summary(const findings& seen);

/// {"event":"probe"|"box","name":…,"status":"ok|skipped|warn|fail","sentence":…,"advice":…,"facts":{…}}
std::string json_line(std::string_view event, const finding& one);
/// {"event":"result","status":…,"failed":[…],"warned":[…],"skipped":[…]}
std::string json_result(const findings& seen);

bool any_failed(const findings& seen);

} // namespace persais::doctor
