#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persais::http {

/// The values of a pattern's parameters: percent-decoded, valid UTF-8, without control characters, not empty.
using path_parameters = std::map<std::string, std::string, std::less<>>;

/// Which route a request means. Pure. A pattern is a path of segments: `{id}` stands for one segment that is not empty,
/// `{...}` for any number of segments and for none; every other segment stands for itself, byte for byte as it is sent.
/// "%2F" is no separator: in a parameter it comes to the slash that it encodes. Of two patterns that fit, the one with
/// the more exact segment at the first difference is meant (a literal, then `{id}`, then `{...}`), whichever was added
/// first.
class route_table {
public:
    struct found {
        std::size_t index; // of `add`
        path_parameters path;
    };
    /// No pattern fits: 404.
    struct no_path {};
    /// A pattern fits, but not for this method: 405. `allow` is the value of the header.
    struct no_method {
        std::size_t index; // of the most exact one
        std::string allow;
    };
    /// The percent encoding is broken, or a parameter is no text: 400.
    struct malformed {};
    using match = std::variant<found, no_path, no_method, malformed>;

    /// Returns 0, 1, 2 … A route for GET answers HEAD too. Throws std::invalid_argument for a pattern that cannot be
    /// read, for HEAD, and for a route that is there already under this or another name of its parameters: these are
    /// mistakes of the program.
    std::size_t add(std::string method, std::string_view pattern);
    match find(std::string_view method, std::string_view path) const;

private:
    struct segment {
        enum kind { literal, parameter, rest } is;
        std::string text; // of a literal as it is sent; the parameter's name
    };
    using pattern = std::vector<segment>;
    struct entry {
        std::string method;
        pattern segments;
    };
    using pieces = std::vector<std::string_view>;

    static pattern read(std::string_view text);
    static bool more_exact(const pattern& a, const pattern& b);
    static bool fits(const pattern& p, const pieces& path, std::size_t at, std::size_t from,
                     std::vector<std::string_view>& values);
    static match bind(const pattern& p, std::size_t index, const std::vector<std::string_view>& values);

    std::vector<entry> entries_;
};

} // namespace persais::http
