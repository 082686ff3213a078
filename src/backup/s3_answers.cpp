#include "backup/s3_answers.hpp"

#include <array>
#include <charconv>

namespace persais::backup {

namespace {

/// The text between <name> and </name>, from `at` on, which goes behind it.
std::optional<std::string_view> element(std::string_view xml, std::string_view name, std::size_t& at) {
    auto begin = xml.find("<" + std::string(name) + ">", at);
    if (begin == xml.npos) return std::nullopt;
    begin += name.size() + 2;
    auto end = xml.find("</" + std::string(name) + ">", begin);
    if (end == xml.npos) return std::nullopt;
    at = end + name.size() + 3;
    return xml.substr(begin, end - begin);
}

std::string plain(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> names{
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
    std::string all;
    while (!text.empty()) {
        bool found = false;
        for (const auto& [name, sign] : names)
            if (!found && text.starts_with(name)) {
                all += sign;
                text.remove_prefix(name.size());
                found = true;
            }
        if (found) continue;
        all += text.front();
        text.remove_prefix(1);
    }
    return all;
}

} // namespace

std::string read_element(std::string_view xml, std::string_view name) {
    std::size_t at = 0;
    return plain(element(xml, name, at).value_or(std::string_view()));
}

std::optional<s3_page> read_page(std::string_view xml) {
    if (xml.find("<ListBucketResult") == xml.npos) return std::nullopt;
    s3_page page;
    std::size_t at = 0;
    while (auto file = element(xml, "Contents", at)) {
        auto digits = read_element(*file, "Size");
        stored one{.name = read_element(*file, "Key")};
        auto read = std::from_chars(digits.data(), digits.data() + digits.size(), one.bytes);
        if (read.ec == std::errc() && !one.name.empty()) page.files.push_back(std::move(one));
    }
    if (read_element(xml, "IsTruncated") == "true") page.next = read_element(xml, "NextContinuationToken");
    return page;
}

} // namespace persais::backup
