// Requests as they come over the network, in pieces of any size.
#include "fuzz.hpp"
#include "http/request_reader.hpp"

#include <vector>

/// What a server would make of it: "method path|body;" for each request, then the status of a refusal.
static std::string served(std::string_view bytes, std::size_t piece) {
    using namespace persais::http;
    request_reader reader;
    std::string all;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        auto refused = reader.feed(bytes.substr(at, piece));
        for (;;) {
            if (refused) return all + std::to_string(refused->status);
            auto head = reader.take_head();
            if (!head) break;
            if (head->path.empty() || head->path.front() != '/') return "a path that no handler knows";
            refused = reader.want_body(1000);
            if (refused) return all + std::to_string(refused->status);
            // The body, as far as it has come; a reader of whole bodies waits for the rest.
            std::optional<std::string> body = reader.take_body();
            for (at += piece; !body && at < bytes.size(); at += piece) {
                if ((refused = reader.feed(bytes.substr(at, piece)))) return all + std::to_string(refused->status);
                body = reader.take_body();
            }
            at -= piece;
            if (!body) return all;
            all += head->method + ' ' + head->path + '|' + *body + ';';
            refused = reader.feed({});
        }
    }
    return all;
}

static std::string hold_request(std::string_view bytes) {
    auto whole = served(bytes, bytes.size() + 1), pieces = served(bytes, 1);
    if (whole == "a path that no handler knows") return whole;
    // A refusal may come earlier where bytes come one by one, but no request may be read that the other reading does
    // not have.
    auto of = [](const std::string& said) {
        return said.substr(0, said.rfind(';') == std::string::npos ? 0 : said.rfind(';') + 1);
    };
    return of(whole) == of(pieces) ? "" : "two readings of the same bytes";
}

PERSAIS_FUZZ(hold_request)
