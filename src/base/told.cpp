#include "base/told.hpp"

#include "base/limits.hpp"

#include <charconv>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

namespace persais {

namespace {

using told_words::pair;

// The linker makes these two for a section whose name is an identifier; a program without any sentence has neither.
extern "C" {
[[gnu::weak]] extern const pair __start_persais_told[]; // NOLINT(*-reserved-identifier)
[[gnu::weak]] extern const pair __stop_persais_told[];  // NOLINT(*-reserved-identifier)
}

std::span<const pair> all_pairs() {
    return {__start_persais_told, __stop_persais_told};
}

struct piece {
    std::string text = {};       // when it is no argument; never empty then
    int argument = -1;           // its number
    std::string_view forms = {}; // "file|files": not the argument itself, but the form that goes with it
    bool quoted = false;         // between backquotes: a name or a command, which is no word of a sentence
};

std::vector<piece> pieces_of(std::string_view format) {
    std::vector<piece> all;
    int next = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < format.size();) {
        char c = format[at];
        bool brace = c == '{' || c == '}';
        bool doubled = brace && at + 1 < format.size() && format[at + 1] == c; // it stands for itself
        if (!brace || doubled) {
            if (all.empty() || all.back().argument >= 0) all.emplace_back();
            all.back().text += c;
            quoted ^= c == '`';
            at += doubled ? 2 : 1;
            continue;
        }
        auto end = std::min(format.find('}', at), format.size() - 1);
        auto inside = format.substr(at + 1, end - at - 1);
        auto colon = std::min(inside.find(':'), inside.size());
        auto spec = inside.substr(std::min(colon + 1, inside.size()));
        int named = colon > 0 ? inside.front() - '0' : next++;
        all.push_back({.argument = named, .forms = spec.contains('|') ? spec : std::string_view(), .quoted = quoted});
        at = end + 1;
    }
    return all;
}

/// An English sentence, to read by.
struct form {
    const pair* both;
    std::vector<piece> pieces;
    std::size_t letters; // of its own
};

/// Those with the most words of their own come first: of two that say the same text, the one that says more of it.
const std::vector<form>& forms() {
    static const std::vector<form> all = [] {
        std::vector<form> read;
        for (const auto& each : all_pairs()) {
            read.push_back({&each, pieces_of(each.english), 0});
            for (const auto& p : read.back().pieces)
                read.back().letters += p.text.size();
        }
        std::ranges::sort(read, [](const form& a, const form& b) {
            return a.letters != b.letters ? a.letters > b.letters : a.both < b.both;
        });
        return read;
    }();
    return all;
}

bool is_form(std::string_view word, std::string_view forms) {
    while (!forms.empty()) {
        auto end = std::min(forms.find('|'), forms.size());
        if (forms.substr(0, end) == word) return true;
        forms.remove_prefix(std::min(end + 1, forms.size()));
    }
    return false;
}

using arguments = std::array<std::optional<std::string_view>, 10>;

bool take(arguments& found, const piece& which, std::string_view word) {
    if (!which.forms.empty()) return is_form(word, which.forms);
    auto& one = found.at(static_cast<std::size_t>(which.argument));
    if (one && *one != word) return false;
    one = word;
    return true;
}

/// The arguments with which `format` says `text`. Each piece between two arguments is looked for at its first place
/// and the last piece at the end, so that the time is that of reading the text once.
std::optional<arguments> read_by(const std::vector<piece>& format, std::string_view text) {
    arguments found;
    const piece* open = nullptr; // the argument that ends where the next piece begins
    for (const auto& each : format) {
        bool last = &each == &format.back();
        if (each.argument >= 0) {
            if (open) { // nothing stands between two arguments: the first one takes all
                if (!take(found, each, "")) return std::nullopt;
                continue;
            }
            open = &each;
            continue;
        }
        auto at = last && open ? (text.ends_with(each.text) ? text.size() - each.text.size() : text.npos)
                  : open       ? text.find(each.text)
                  : text.starts_with(each.text) ? 0
                                                : text.npos;
        if (at == text.npos) return std::nullopt;
        if (open && !take(found, *open, text.substr(0, at))) return std::nullopt;
        open = nullptr;
        text.remove_prefix(at + each.text.size());
    }
    if (open && !take(found, *open, std::exchange(text, {}))) return std::nullopt;
    return text.empty() ? std::optional(found) : std::nullopt;
}

/// Reads one text. It gives up after so many tries that only a text which was made to confuse it needs more.
class reading {
public:
    std::optional<std::string> one_or_more(std::string_view english) {
        // Several come first: a sentence that begins with an argument would take what stands before it for that.
        for (auto end = english.find(". "); end != english.npos; end = english.find(". ", end + 1)) {
            auto first = one(english.substr(0, end + 1));
            if (!first) continue;
            if (auto rest = one_or_more(english.substr(end + 2))) return *first + " " + *rest;
        }
        if (auto whole = one(english)) return whole;
        if (english.ends_with('.')) // a sentence that stands as a part of others is made without its full stop
            if (auto part = one(english.substr(0, english.size() - 1))) return *part + ".";
        auto name = english.find(": "); // "GIT_REMOTE_URL: what is wrong with it"
        if (name == english.npos || english.substr(0, name).contains(' ')) return std::nullopt;
        auto rest = one_or_more(english.substr(name + 2));
        return rest ? std::optional(std::string(english.substr(0, name + 2)) + *rest) : std::nullopt;
    }

private:
    /// By the format that has the most words of its own.
    std::optional<std::string> one(std::string_view english);
    std::string written(std::string_view format, const arguments& found);

    int tries_ = limits::sentences_tried;
};

std::string reading::written(std::string_view format, const arguments& found) {
    std::string out;
    for (const auto& each : pieces_of(format)) {
        if (each.argument < 0) {
            out += each.text;
            continue;
        }
        auto word = found.at(static_cast<std::size_t>(each.argument)).value_or("");
        if (each.forms.empty()) {
            auto said = each.quoted ? std::nullopt : one_or_more(word);
            out += said.value_or(std::string(word));
            continue;
        }
        std::int64_t n = 0;
        std::from_chars(word.data(), word.data() + word.size(), n);
        out += form_of(each.forms, n);
    }
    return out;
}

std::optional<std::string> reading::one(std::string_view english) {
    if (english.empty() || tries_-- <= 0) return std::nullopt;
    for (const auto& each : forms())
        if (auto found = read_by(each.pieces, english)) return written(each.both->russian, *found);
    return std::nullopt;
}

} // namespace

std::size_t form_index(std::int64_t n, std::size_t forms) {
    if (forms < 3) return n == 1 ? 0 : 1;
    auto last = std::abs(n % 100);
    if (last >= 11 && last <= 14) return 2;
    last %= 10;
    return last == 1 ? 0 : last >= 2 && last <= 4 ? 1 : 2;
}

std::string_view form_of(std::string_view forms, std::int64_t n) {
    auto all = static_cast<std::size_t>(std::ranges::count(forms, '|')) + 1;
    for (auto wanted = form_index(n, all); wanted > 0; --wanted)
        forms.remove_prefix(std::min(forms.find('|'), forms.size() - 1) + 1);
    return forms.substr(0, forms.find('|'));
}

std::optional<std::string> russian_of(std::string_view english) {
    return reading().one_or_more(english);
}

} // namespace persais
