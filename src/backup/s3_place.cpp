#include "backup/s3_place.hpp"

#include "backup/folder_place.hpp"
#include "backup/limits.hpp"
#include "backup/manifest.hpp"
#include "backup/s3_answers.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"

#include <fstream>

#include <fmt/format.h>

namespace persais::backup {

namespace fs = std::filesystem;

namespace {

std::string unread(const fs::path& file) {
    return told<"The file {} cannot be read.", "Файл {} не читается.">(file.string());
}

std::string next_part(std::ifstream& in) {
    std::string bytes(limits::s3_part_bytes, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

} // namespace

result<std::unique_ptr<place>> open_place(const asio::any_io_executor& executor, const secret& url,
                                          std::string ca_file) {
    auto bucket = read_s3_url(url);
    if (bucket) return std::make_unique<s3_place>(executor, std::move(*bucket), std::move(ca_file));
    return std::make_unique<folder_place>(url.reveal());
}

s3_place::s3_place(const asio::any_io_executor& executor, s3_url where, std::string ca_file,
                   std::function<time_point()> now)
    : where_(std::move(where)), now_(std::move(now)), web_(executor, std::move(ca_file)) {}

std::string s3_place::refused(int status, std::string_view body) const {
    auto code = read_element(body, "Code");
    auto words = text::printable(read_element(body, "Message").substr(0, limits::s3_words_bytes));
    if (code == "SignatureDoesNotMatch" || code == "InvalidAccessKeyId")
        return told<"{} refuses the key in BACKUP_URL: {} {}", "{} не принимает ключ из BACKUP_URL: {} {}">(
            shown(), code, words);
    if (code == "NoSuchBucket")
        return told<"{}: there is no such bucket.", "{}: такого хранилища (bucket) нет.">(shown());
    if (code == "NoSuchKey" || status == 404)
        return told<"{}: there is no such backup.", "{}: такой резервной копии нет.">(shown());
    return told<"{} answered {}: {} {}", "{}: ответ {}: {} {}">(shown(), status, code.empty() ? "-" : code, words);
}

http::fetch_spec s3_place::signed_spec(std::string method, const std::string& name, words query,
                                       std::string body) const {
    auto endpoint = cut_url(where_.endpoint); // read_s3_url() made it
    std::string host(endpoint->host_and_port);
    std::string path = "/";
    if (where_.path_style)
        path += where_.bucket + (name.empty() ? "" : "/");
    else
        host = where_.bucket + "." + host;
    path += percent_encoded(name, "-._~/");
    s3_request what{.method = method, .host = host, .path = path, .query = query, .body_sha256 = to_hex(sha256(body))};
    auto at = now_();
    auto words = query_text(query);
    http::fetch_spec spec{
        .method = std::move(method),
        .url = fmt::format("{}://{}{}{}{}", endpoint->scheme, host, path, words.empty() ? "" : "?", words),
        .fields = {{"x-amz-content-sha256", what.body_sha256},
                   {"x-amz-date", amz_date(at)},
                   {"content-type", "application/octet-stream"}}};
    spec.secret_fields.emplace_back("authorization", authorization(what, where_, at));
    spec.body = std::move(body);
    return spec;
}

awaitable<result<http::fetched>> s3_place::call(std::string method, std::string name, words query, std::string body) {
    auto got = co_await web_.fetch(signed_spec(std::move(method), name, std::move(query), std::move(body)),
                                   limits::s3_answer_bytes);
    if (!got) co_return fail(shown() + ": " + got.error().sentence);
    if (got->status / 100 != 2) co_return fail(refused(got->status, got->body));
    co_return std::move(*got);
}

awaitable<result<std::vector<stored>>> s3_place::list() {
    std::vector<stored> all;
    words query{{"list-type", "2"}, {"prefix", where_.prefix + "persais-"}};
    for (int page = 0; page < limits::s3_pages; ++page) {
        auto got = co_await call("GET", "", query, "");
        if (!got) co_return std::unexpected(got.error());
        auto read = read_page(got->body);
        if (!read) co_return fail(told<"{} does not answer as S3 does.", "{} отвечает не так, как S3.">(shown()));
        for (auto& file : read->files)
            if (file.name.starts_with(where_.prefix))
                all.push_back({file.name.substr(where_.prefix.size()), file.bytes});
        if (read->next.empty()) co_return newest_first(std::move(all));
        query["continuation-token"] = read->next;
    }
    co_return fail(told<"{} holds more than {} files there: give the backups a prefix of their own.",
                        "В {} больше {} файлов: дайте резервным копиям отдельный префикс.">(
        shown(), std::to_string(limits::s3_pages * 1000)));
}

awaitable<result<std::string>> s3_place::put_parts(fs::path file, std::string name, std::string upload) {
    std::ifstream in(file, std::ios::binary);
    std::string parts;
    std::size_t number = 0;
    for (auto bytes = next_part(in); !bytes.empty(); bytes = next_part(in)) {
        if (++number > limits::s3_parts)
            co_return fail(told<"The backup is too large for {}: more than {} parts.",
                                "Резервная копия слишком велика для {}: больше {} частей.">(shown(), limits::s3_parts));
        auto got = co_await call("PUT", name, {{"partNumber", std::to_string(number)}, {"uploadId", upload}},
                                 std::move(bytes));
        if (!got) co_return std::unexpected(got.error());
        parts += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number,
                             http::header(got->fields, "etag"));
    }
    if (in.bad()) co_return fail(unread(file));
    co_return "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>";
}

awaitable<result<void>> s3_place::put(fs::path file, std::string name) {
    name = where_.prefix + name;
    std::error_code ec;
    auto size = fs::file_size(file, ec);
    if (ec) co_return fail(unread(file));
    if (size <= limits::s3_part_bytes) {
        std::ifstream in(file, std::ios::binary);
        auto bytes = next_part(in);
        if (bytes.size() != size) co_return fail(unread(file));
        auto got = co_await call("PUT", name, {}, std::move(bytes));
        if (!got) co_return std::unexpected(got.error());
        co_return result<void>{};
    }
    auto begun = co_await call("POST", name, {{"uploads", ""}}, "");
    if (!begun) co_return std::unexpected(begun.error());
    auto upload = read_element(begun->body, "UploadId");
    auto parts = co_await put_parts(file, name, upload);
    if (parts) {
        auto ended = co_await call("POST", name, {{"uploadId", upload}}, *parts);
        // The store says 200 before it has put the parts together, so the error may come behind it.
        if (ended && read_element(ended->body, "Code").empty()) co_return result<void>{};
        parts = fail(ended ? refused(ended->status, ended->body) : ended.error());
    }
    co_await call("DELETE", name, {{"uploadId", upload}}, ""); // else its parts stay there, and cost
    co_return std::unexpected(parts.error());
}

awaitable<result<void>> s3_place::get(std::string name, fs::path to) {
    auto got = co_await web_.open(signed_spec("GET", where_.prefix + name, {}, ""));
    if (!got) co_return fail(shown() + ": " + got.error().sentence);
    auto& answer = **got;
    std::ofstream out(to, std::ios::binary);
    std::string words;
    for (;;) {
        auto piece = co_await answer.read();
        if (!piece) co_return fail(shown() + ": " + piece.error().sentence);
        if (piece->empty()) break;
        if (answer.status / 100 == 2)
            out.write(piece->data(), static_cast<std::streamsize>(piece->size()));
        else if (words.size() < limits::s3_answer_bytes)
            words += *piece;
    }
    if (answer.status / 100 != 2) co_return fail(refused(answer.status, words));
    out.close();
    if (!out) co_return fail(told<"{} cannot be written.", "{} не записывается.">(to.string()));
    co_return result<void>{};
}

awaitable<result<void>> s3_place::remove(std::string name) {
    auto got = co_await call("DELETE", where_.prefix + name, {}, "");
    if (!got) co_return std::unexpected(got.error());
    co_return result<void>{};
}

} // namespace persais::backup
