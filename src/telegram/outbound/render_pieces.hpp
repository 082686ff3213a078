#pragma once
#include "telegram/outbound/render.hpp"

/// What messages about tasks share.
namespace persais::telegram {

inline constexpr std::size_t instruction_shown_units = 200;

/// "Task 17 · you/project", then what was asked, in one line.
styled heading(language l, const mechanic::task& t, std::string_view repository);

/// "2 min 5 s · about $0.0111 · attempt 2 of 3"; what is unknown is left out.
std::string footing(language l, const mechanic::task& t, std::chrono::seconds time, const spending& cost, int attempt);

button task_button(language l, action what, phrase label, const mechanic::task& t);

} // namespace persais::telegram
