#include "telegram/api/say.hpp"

#include "base/told.hpp"

#include <algorithm>

namespace persais::telegram {

namespace {

styled filled(const i18n::piece& hole, std::initializer_list<filling> with) {
    const auto* f = std::ranges::find(with, hole.name, &filling::name);
    if (f == with.end()) return {std::string(hole.text), {}};
    if (!hole.forms.empty()) return {std::string(persais::form_of(hole.forms, f->number.value_or(0))), {}};
    if (f->number) return {std::to_string(*f->number), {}};
    return f->text;
}

} // namespace

styled say(reader r, phrase p, std::initializer_list<filling> with) {
    styled out;
    for (const auto& piece : i18n::pieces(r.tongue, r.admin ? i18n::for_admin(p) : p)) {
        switch (piece.what) {
        case i18n::piece::kind::text:
            out += styled{std::string(piece.text), {}};
            break;
        case i18n::piece::kind::code:
            out += code(piece.text);
            break;
        case i18n::piece::kind::placeholder:
            out += filled(piece, with);
            break;
        }
    }
    return out;
}

std::string say_plain(reader r, phrase p, std::initializer_list<filling> with) {
    return say(r, p, with).text;
}

} // namespace persais::telegram
