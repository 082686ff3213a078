#include "cli/given_secret.hpp"

#include "base/text.hpp"
#include "cli/on_tasks.hpp"
#include "cli/tongue.hpp"
#include "doctor/terminal.hpp"
#include "service/limits.hpp"

#include <fstream>
#include <iostream>

namespace persais::cli {

namespace {

/// One more than a secret may have shows that it is too long.
std::string all_of(std::istream& in) {
    std::string text(limits::repository_value_bytes + 2, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

} // namespace

result<secret, int> given_secret(std::string_view word, const std::string& file, const std::string& prompt) {
    std::string text;
    if (!file.empty() && file != "-") {
        std::ifstream in(file, std::ios::binary);
        if (!in)
            return std::unexpected(say(word, said<"{} cannot be read.", "{} не прочитать.">(text::printable(file))));
        text = all_of(in);
    } else if (file.empty() && doctor::terminal::present()) {
        doctor::terminal person;
        auto typed = person.ask(prompt, true);
        if (!typed) return std::unexpected(130);
        text = std::move(*typed);
    } else {
        text = all_of(std::cin);
    }
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return secret(std::move(text));
}

} // namespace persais::cli
