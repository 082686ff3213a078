#pragma once
#include "telegram/outbound/render.hpp"

/// What messages about tasks share.
namespace persais::telegram {

inline constexpr std::size_t instruction_shown_units = 200;

/// "Task 17 · you/project", then what was asked, in one line.
styled heading(reader l, const mechanic::task& t, std::string_view repository);

/// "2 min 5 s · about $0.0111 · attempt 2 of 3"; what is unknown is left out.
std::string footing(reader l, const mechanic::task& t, std::chrono::seconds time, const spending& cost, int attempt);

/// The task's own sentence, which is English and quotes git, the model's endpoint or the system. A reader who is no
/// admin does not see what in it is advice to set something.
std::string details(reader l, const mechanic::task& t);
/// Why a task that failed or needs a person came to that: one line, for an admin with the details.
styled trouble_words(reader l, const mechanic::task& t);

button task_button(reader l, action what, phrase label, const mechanic::task& t);

} // namespace persais::telegram
