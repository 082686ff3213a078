#pragma once
#include "doctor/finding.hpp"

namespace persais::doctor {

/// How findings are shown: on a terminal that supports UTF-8 with ✓ ! ✗ and colours, else with words.
struct dress {
    bool marks = false;
    bool colours = false;
    std::size_t columns = 100;
};
/// By what the descriptor is, by the locale and by NO_COLOR.
dress dress_for(int descriptor);

/// One finding a line: mark, name (aligned), sentence; what to do is on the line below.
std::string words(const findings& all, const dress& how);
/// One sentence: how many failed and which, how many need a look, how many were not tried.
std::string summary(const findings& seen);

/// {"event":"probe"|"box","name":…,"status":"ok|skipped|warn|fail","sentence":…,"advice":…,"facts":{…}}
std::string json_line(std::string_view event, const finding& one);
/// {"event":"result","status":…,"failed":[…],"warned":[…],"skipped":[…]}
std::string json_result(const findings& seen);

bool any_failed(const findings& seen);

} // namespace persais::doctor
