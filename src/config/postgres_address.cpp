#include "config/postgres_address.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "config/text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace persais::config {

namespace {

/// The word that libpq quotes in its sentence. Of a keyword line that has a password nothing is repeated: a password
/// with a blank in it is cut there, and its rest looks like a keyword.
std::string quoted_word(std::string_view said, std::string_view value) {
    if (!cut_url(value) && value.contains("password")) return {};
    auto from = said.find('"');
    auto to = said.rfind('"');
    if (from == said.npos || to == from) return {};
    return shorten(said.substr(from + 1, to - from - 1));
}

} // namespace

std::string postgres_address(std::string_view value) {
    char* trouble = nullptr;
    auto* options = PQconninfoParse(std::string(value).c_str(), &trouble);
    std::string said = trouble ? trouble : "";
    PQfreemem(trouble);
    if (options) {
        PQconninfoFree(options);
        return {};
    }
    bool unknown = said.starts_with("invalid URI query parameter") || said.starts_with("invalid connection option");
    if (auto name = quoted_word(said, value); unknown && !name.empty())
        return told<"PostgreSQL knows no parameter '{}': take it out of the address{}",
                    "PostgreSQL не знает параметра «{}»: уберите его из адреса{}">(
            name, name == "ssl" ? told<", or say sslmode=…", " или напишите sslmode=…">() : "");
    if (unknown || said.starts_with("missing \"=\""))
        return told<
            "has a word in it that is no parameter of PostgreSQL: take it out (a value with a blank stands in '…')",
            "содержит слово, которое не является параметром PostgreSQL: уберите его (значение с пробелом пишут в "
            "'…')">();
    return told<
        "is no address that PostgreSQL's own library can read: postgresql://user:password@host:5432/name is one "
        "(odd characters as %XX)",
        "— адрес, который не может прочитать сама библиотека PostgreSQL: нужен вроде "
        "postgresql://user:password@host:5432/name (особые знаки — как %XX)">();
}

} // namespace persais::config
