#include "cli/memory_words.hpp"

#include "base/text.hpp"
#include "cli/task_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace persais::cli {

namespace json = boost::json;

namespace {

std::string source_words(const memory::item& one) {
    if (!one.task) return said<"a note", "заметка">();
    auto id = one.task->value;
    if (one.kind == "answer") return said<"task {}, an answer", "задача {}, ответ">(id);
    if (one.kind == "checks") return said<"task {}, what its checks said", "задача {}, что сказали проверки">(id);
    if (one.kind == "reverted") return said<"task {}, taken back", "задача {}, отменена">(id);
    return said<"task {}", "задача {}">(id);
}

std::string untrue_words(const std::string& why) {
    if (why.empty()) return {};
    if (why == "rolled_back") return said<"; not given: rolled back", "; не даётся: откачено">();
    if (why == "discarded") return said<"; not given: put away", "; не даётся: результат убран">();
    if (why == "followed_up") return said<"; not given: a later turn has it", "; не даётся: уточнено позже">();
    if (why == "corrected") return said<"; not given: corrected", "; не даётся: исправлено">();
    return said<"; not given any more", "; больше не даётся">();
}

} // namespace

std::string memory_words(const std::vector<memory::item>& all) {
    if (all.empty()) return said<"Nothing is remembered there yet.\n", "Там пока ничего не запомнено.\n">();
    std::string out;
    for (const auto& one : all)
        out += fmt::format("{}  {}, {}{}  {}\n    {}\n", one.id, source_words(one), day_and_time(one.at),
                           untrue_words(one.untrue), text::printable(one.remote), indented(one.text, "    "));
    return out;
}

json::object memory_json(const memory::item& one) {
    json::array people;
    for (auto id : one.people)
        people.push_back(json::value(std::to_string(id)));
    return {{"event", "memory"},          {"item", one.id},
            {"kind", one.kind},           {"task", one.task ? json::value(one.task->str()) : json::value()},
            {"turn", one.turn},           {"repository", one.remote},
            {"commit", one.commit},       {"at", stamp(one.at)},
            {"text", one.text},           {"untrue", one.untrue},
            {"people", std::move(people)}};
}

std::string given_words(const std::vector<memory::item>& all) {
    std::string out;
    for (const auto& one : all) {
        auto day = fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(one.at));
        out += out.empty() ? "" : "; ";
        out += one.task ? said<"task {}", "задача {}">(one.task->value) : said<"a note of {}", "заметка от {}">(day);
    }
    return out;
}

std::vector<std::string> twin_words(const std::vector<memory::twin>& all) {
    std::vector<std::string> out;
    for (const auto& each : all) {
        auto day = fmt::format("{:%Y-%m-%d}", std::chrono::floor<std::chrono::days>(each.at));
        out.push_back(each.reverted
                          ? said<"Task {0} was much the same, and its result was taken back or put away ({1}): "
                                 "`persais show {0}`.",
                                 "Задача {0} была почти о том же, и её результат отменили ({1}): `persais show {0}`.">(
                                each.task.value, day)
                          : said<"Task {0} was much the same ({1}): `persais show {0}`.",
                                 "Задача {0} была почти о том же ({1}): `persais show {0}`.">(each.task.value, day));
    }
    return out;
}

} // namespace persais::cli
