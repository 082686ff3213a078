#include "telegram/api/api.hpp"

#include "base/encoding.hpp"
#include "http/client.hpp"
#include "telegram/api/limits.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::telegram {

namespace json = boost::json;

namespace {

/// A line that occurs nowhere in the file.
std::string boundary_for(const std::string& bytes) {
    for (int n = 0;; ++n) {
        auto tried = fmt::format("persais-{}", n);
        if (bytes.find(tried) == bytes.npos) return tried;
    }
}

/// A header's quoted value; characters that could end it are left out.
std::string in_quotes(std::string_view name) {
    std::string safe;
    for (char c : name)
        if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) safe += c;
    return safe;
}

std::string multipart(const json::object& fields, const upload& file, const std::string& boundary) {
    std::string all;
    for (const auto& [name, value] : fields) {
        all += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", boundary,
                           std::string_view(name));
        all += value.is_string() ? std::string(value.get_string()) : json::serialize(value);
        all += "\r\n";
    }
    all += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n"
                       "Content-Type: application/octet-stream\r\n\r\n",
                       boundary, in_quotes(file.field), in_quotes(file.file_name));
    return all + file.bytes + "\r\n--" + boundary + "--\r\n";
}

class http_api final : public api {
public:
    http_api(const asio::any_io_executor& executor, std::function<std::string()> root, std::function<secret()> token,
             std::string ca_file)
        : client_(executor, std::move(ca_file)), root_(std::move(root)), token_(std::move(token)) {}

    awaitable<called> call(std::string method, std::string body, std::chrono::milliseconds limit) override {
        return post(std::move(method), "application/json", std::move(body), limit);
    }
    awaitable<called> call_with_file(std::string method, std::string body, upload file) override {
        auto boundary = boundary_for(file.bytes);
        auto parsed = json::parse(body);
        return post(std::move(method), "multipart/form-data; boundary=" + boundary,
                    multipart(parsed.as_object(), file, boundary), limits::telegram_upload);
    }
    awaitable<result<std::string>> download(std::string path, std::size_t most) override {
        auto token = token_();
        http::fetch_spec spec{.method = "GET",
                              .url = root_without_slash(),
                              .fields = {},
                              .secret_path = around("/file/bot", token, "/" + percent_encoded(path, "-._~/")),
                              .body = {},
                              .unix_socket = {},
                              .first_byte = limits::telegram_call,
                              .silence = limits::telegram_call};
        try {
            auto got = co_await with_deadline(limits::telegram_call, client_.fetch(std::move(spec), most));
            if (!got) co_return fail(without(got.error().sentence, token));
            if (got->status != 200) co_return fail(fmt::format("the file did not come (status {})", got->status));
            co_return std::move(got->body);
        } catch (const deadline_passed&) {
            co_return fail("Telegram did not answer in time");
        }
    }

private:
    std::string root_without_slash() const {
        auto root = root_();
        while (root.ends_with('/'))
            root.pop_back();
        return root;
    }
    awaitable<called> post(std::string method, std::string type, std::string body, std::chrono::milliseconds limit) {
        auto token = token_();
        http::fetch_spec spec{.method = "POST",
                              .url = root_without_slash(),
                              .fields = {{"Content-Type", std::move(type)}},
                              .secret_path = around("/bot", token, "/" + method),
                              .body = std::move(body),
                              .first_byte = limit,
                              .silence = limit};
        try {
            auto got = co_await with_deadline(limit, client_.fetch(std::move(spec), limits::telegram_answer_bytes));
            if (!got) {
                bool unseen = got.error().what == http::fetch_error::kind::unreached;
                co_return called{.may_have_happened = !unseen, .why = without(got.error().sentence, token)};
            }
            auto read = read_answer(got->body);
            if (read) {
                read->description = without(std::move(read->description), token);
                co_return called{.got = std::move(read)};
            }
            // The body is a proxy's page, or truncated; when the status is an error, it was not Telegram that answered.
            co_return called{.may_have_happened = got->status < 300,
                             .why = fmt::format("no answer of the Bot API came (status {})", got->status)};
        } catch (const deadline_passed&) {
            co_return called{.may_have_happened = true, .why = "Telegram did not answer in time"};
        }
    }

    http::client client_;
    std::function<std::string()> root_;
    std::function<secret()> token_;
};

} // namespace

std::unique_ptr<api> make_api(const asio::any_io_executor& executor, std::function<std::string()> root,
                              std::function<secret()> token, std::string ca_file) {
    return std::make_unique<http_api>(executor, std::move(root), std::move(token), std::move(ca_file));
}

} // namespace persais::telegram
