#pragma once
#include "forge/written.hpp"
#include "mechanic/task.hpp"

#include <string>
#include <string_view>

/// What is written at a forge, as an order or a reply (decision 0082). Pure functions.
namespace persais::service {

/// What a page of the forge shows of a text: without HTML comments, also one that never ends, without definitions that
/// show nothing, and without hidden characters.
std::string shown_at_forge(std::string_view markdown);

/// Whether the text names the mechanic (`@persais`, in any case of letters): not in a quotation, nor in code, nor in
/// what the page does not show.
bool names_mechanic(std::string_view markdown, std::string_view mention);
/// What is shown of it, without that name.
std::string without_mention(std::string_view markdown, std::string_view mention);

/// Whether Persais wrote it: each of its comments carries such a mark.
bool written_by_us(std::string_view markdown);

/// Whether it may ask for work at all, as far as its own text says; what is red always may, and a review does so
/// without the mechanic's name.
bool may_ask(const forge::written& what, std::string_view mention);

/// The instruction of a task that is asked for in an issue, or in a comment there. What others wrote is quoted as what
/// the order is about: an order is only what the author wrote.
std::string order_at_forge(forge::written::kind what, const forge::words& said, std::string_view mention);
/// The reply to the task whose request it was written at.
std::string reply_at_forge(const forge::words& said, std::string_view mention);
/// The turn that mends what the forge's checks found.
std::string order_to_mend(const forge::words& said);

/// What people at a forge are told; English, as all that is written into repositories.
std::string accepted_at_forge(task_id id, int turn, bool red);
/// How the task stands, for those who asked for it there. `branch`: the page of its branch, or empty.
std::string standing_at_forge(const mechanic::task& t, const std::string& branch);

/// Calls nobody and closes nothing: an invisible character stands behind each sign that names a person or a request.
std::string calls_nobody(std::string words);

} // namespace persais::service
