#include "telegram/outbound/render_pieces.hpp"

#include "telegram/api/shown.hpp"

namespace persais::telegram {

std::string cost_words(reader l, const spending& s) {
    if (!s.estimated) return money(s.usd);
    if (s.usd == 0) return say_plain(l, phrase::cost_unknown);
    return say_plain(l, phrase::cost_estimated, {{"cost", money(s.usd)}});
}

styled heading(reader l, const mechanic::task& t, std::string_view repository) {
    auto head = bold(say_plain(l, phrase::task_head, {{"task", t.id.value}, {"repository", repository}}));
    auto asked = one_line(instruction_of(t), instruction_shown_units);
    if (!asked.empty()) head += plain("\n") + italic(asked);
    return head;
}

std::string footing(reader l, const mechanic::task& t, std::chrono::seconds time, const spending& cost, int attempt) {
    std::string out = span(l, time);
    if (cost.calls > 0) out += " · " + cost_words(l, cost);
    if (attempt > 1) out += " · " + say_plain(l, phrase::attempt, {{"n", attempt}, {"most", t.what.attempts}});
    return out;
}

button task_button(reader l, action what, phrase label, const mechanic::task& t) {
    button b{.label = say_plain(l, label),
             .what = what,
             .task = t.id,
             .argument = t.known.made ? t.known.made->commit : std::string()};
    // The turn makes it another button than the one that was pressed in an earlier turn.
    if (works_once(what) && t.known.turn > 0) b.argument += fmt::format("/{}", t.known.turn);
    return b;
}

} // namespace persais::telegram
