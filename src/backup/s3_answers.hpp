#pragma once
#include "backup/place.hpp"

#include <optional>
#include <string_view>

/// What a store that speaks S3 answers, in XML of which no more is read than this.
namespace persais::backup {

/// A page of a list of files.
struct s3_page {
    std::vector<stored> files; // with their whole names
    std::string next;          // with which the next page is asked for; empty: this was the last
};
/// nullopt: it is no such list.
std::optional<s3_page> read_page(std::string_view xml);

/// The text of the first element of this name, as it was before XML; empty: there is none.
std::string read_element(std::string_view xml, std::string_view name);

} // namespace persais::backup
