#include "config/redactor.hpp"

#include "base/encoding.hpp"
#include "base/url.hpp"
#include "config/limits.hpp"
#include "config/row_value.hpp"
#include "config/text.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::config {

namespace {

/// The base64 of a text that contains `secret` contains one of these three. Digits that share bits with a neighbour of
/// the secret are left out, so up to two bytes at either end are not masked.
std::vector<std::string> base64_inside(std::string_view secret) {
    std::vector<std::string> all;
    for (std::size_t skipped : {0U, 1U, 2U})
        if (secret.size() > skipped)
            all.push_back(to_base64(secret.substr(skipped, (secret.size() - skipped) / 3 * 3)));
    return all;
}

/// The password of a URL or of key=value words, as it is written there.
std::string_view password_in(std::string_view url) {
    if (auto cut = cut_url(url); cut && cut->password) return *cut->password;
    if (auto word = url.find("password="); word != url.npos) {
        auto rest = url.substr(word + 9);
        if (rest.starts_with('\'')) return rest.substr(1, std::min(rest.find('\'', 1), rest.size()) - 1);
        return rest.substr(0, rest.find_first_of(" &"));
    }
    return {};
}

class gatherer {
public:
    std::vector<std::string>& forms;

    void secret(std::string_view text) {
        if (text.size() < limits::redact_least_bytes) return;
        put(std::string(text));
        for (auto digits : {letter_case::upper, letter_case::lower})
            for (auto kept : {"-._~", "-._~!$&'()*+,;=:@/", ""})
                put(percent_encoded(text, kept, digits));
        auto json = boost::json::serialize(boost::json::string_view(text.data(), text.size()));
        put(json.substr(1, json.size() - 2));
        for (auto& form : base64_inside(text))
            if (form.size() >= 8) put(std::move(form));
    }

    void url(std::string_view whole) {
        secret(whole);
        auto password = password_in(whole);
        if (password.empty()) return;
        auto plain = percent_decoded(password);
        secret(password);
        secret(plain);
        // It may be too short to be masked everywhere, so it is masked at least where it is written as a password.
        for (const auto& word : {std::string(password), plain}) {
            put(fmt::format(":{}@", word));
            put(fmt::format("password={}", word));
            put(fmt::format("password='{}'", word));
        }
    }

    /// A key of several lines reaches a log line by line, and so does one whose line ends are written as \n.
    void lines(std::string_view text, std::string_view end_of_line) {
        if (text.find(end_of_line) == text.npos) return;
        while (!text.empty()) {
            auto end = std::min(text.find(end_of_line), text.size());
            auto line = trim(text.substr(0, end));
            if (!line.starts_with("-----")) secret(line);
            text.remove_prefix(std::min(end + end_of_line.size(), text.size()));
        }
    }

private:
    void put(std::string form) { forms.push_back(std::move(form)); }
};

} // namespace

void redactor::add(const settings& of) {
    gatherer all{hidden_};
    for (const auto& each : table()) {
        const auto* is = std::get_if<hidden>(&each.is);
        if (!is) continue;
        const auto& value = (of.*is->to).reveal();
        all.url(value);
        for (auto end_of_line : {"\n", "\\n"})
            all.lines(value, end_of_line);
    }
    put_in_order();
}

void redactor::add(const secret& hidden) {
    gatherer{hidden_}.secret(hidden.reveal());
    put_in_order();
}

void redactor::put_in_order() {
    // The longest come first, because otherwise masking a part would leave the rest of a longer one.
    std::ranges::sort(hidden_,
                      [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
    auto [from, to] = std::ranges::unique(hidden_);
    hidden_.erase(from, to);
}

std::string redactor::operator()(std::string text) const {
    for (const auto& secret : hidden_)
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
            text.replace(at, secret.size(), "***");
    return text;
}

} // namespace persais::config
