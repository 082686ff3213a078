#include "mechanic/state_words.hpp"

namespace persais::mechanic {

std::string_view word_of(const state& s) {
    return std::visit(each_state{[](const publishing&) -> std::string_view { return "pushing"; },
                                 [](const review&) -> std::string_view { return "in review"; },
                                 [](const parked&) -> std::string_view { return "needs a person"; },
                                 [&](const one_of<queued, preparing, coding, checking, answering, waiting, failed,
                                                  aborted, expired, answered> auto&) { return name_of(s); }},
                      s);
}

} // namespace persais::mechanic
