#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace persais::telegram {

/// An entity that a client marked in a text. Offset and length are in UTF-16 units, and not yet checked against the
/// text.
struct mark {
    std::string type; // "bot_command", "mention", "text_mention", "url", …
    std::size_t offset = 0;
    std::size_t length = 0;
    std::optional<std::int64_t> user; // of a text_mention
    std::string address = {};         // of a text_link: what is behind the text
    bool operator==(const mark&) const = default;
};

/// Writes the address of each link (text_link) behind its text, "here (https://…)", unless the text is that address;
/// the marks are moved along. Marks that do not fit the text stay as they are.
void spell_out_links(std::string& text, std::vector<mark>& marks);

} // namespace persais::telegram
