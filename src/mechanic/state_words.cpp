#include "mechanic/state_words.hpp"

#include "base/told.hpp"

namespace persais::mechanic {

std::string_view word_of(const state& s) {
    return std::visit(each_state{[](const queued&) { return told_view<"queued", "в очереди">(); },
                                 [](const preparing&) { return told_view<"preparing", "подготовка">(); },
                                 [](const coding&) { return told_view<"coding", "работает агент">(); },
                                 [](const checking&) { return told_view<"checking", "идут проверки">(); },
                                 [](const publishing&) { return told_view<"pushing", "отправляется ветка">(); },
                                 [](const answering&) { return told_view<"answering", "агент ищет ответ">(); },
                                 [](const waiting&) { return told_view<"waiting", "ждёт">(); },
                                 [](const review&) { return told_view<"in review", "есть результат">(); },
                                 [](const failed&) { return told_view<"failed", "не удалась">(); },
                                 [](const aborted&) { return told_view<"aborted", "прервана">(); },
                                 [](const parked&) { return told_view<"needs a person", "нужен человек">(); },
                                 [](const expired&) { return told_view<"expired", "срок истёк">(); },
                                 [](const answered&) { return told_view<"answered", "есть ответ">(); },
                                 [](const deploying&) { return told_view<"deploying", "выкладывается">(); },
                                 [](const deployed&) { return told_view<"deployed", "выложена">(); },
                                 [](const rolling_back&) { return told_view<"rolling back", "откатывается">(); },
                                 [](const rolled_back&) { return told_view<"rolled back", "откачена">(); },
                                 [](const discarded&) { return told_view<"discarded", "отклонена">(); }},
                      s);
}

} // namespace persais::mechanic
