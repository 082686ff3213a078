// The lines of the agent's wrapper, which runs beside what a model wrote.
#include "coder/aider_protocol.hpp"
#include "coder/tags.hpp"
#include "fuzz.hpp"

static std::string hold_agent(std::string_view bytes) {
    using namespace persais::coder;
    report_reader reader;
    const listener ignore{.progress = [](const auto&) {}, .text = [](const auto&) {}};
    for (std::size_t at = 0; at <= bytes.size();) {
        auto end = std::min(bytes.find('\n', at), bytes.size());
        reader.read(bytes.substr(at, end - at), ignore);
        at = end + 1;
    }
    if (auto row = read_tag_row(bytes)) { // what a later task is lent is read again as the same, and is one line
        if (row->find('\n') != std::string::npos) return "a row of several lines";
        if (read_tag_row(*row) != row) return "a row that is written anew each time";
    }
    for (int code : {0, 1, 70, 143})
        reader.finish(code, bytes);
    return {};
}

PERSAIS_FUZZ(hold_agent)
