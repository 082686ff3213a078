#include "cli/export_folder.hpp"

#include "base/told.hpp"

#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr auto about =
    "An export of all that Persais knows, from its PostgreSQL: for each table a file of JSON Lines (UTF-8), a row a "
    "line, "
    "in the order of the table's key. Types are PostgreSQL's: numbers are JSON numbers, times are ISO 8601 with their "
    "offset, jsonb is JSON, bytea is \"\\x\" and hexadecimal digits, null is null. Columns that are withheld hold "
    "secrets, or "
    "what would let somebody in, and are in no line.";

std::string file_of(const queue::exported_table& table) {
    return table.name + ".jsonl";
}

json::object described(const queue::exported_column& column) {
    json::object all{{"name", column.name}, {"type", column.type}, {"nullable", column.nullable}};
    if (column.withheld) all["withheld"] = true;
    return all;
}

} // namespace

json::object describe(const std::vector<std::pair<queue::exported_table, std::int64_t>>& tables,
                      std::string_view version, std::string_view at) {
    json::array all;
    for (const auto& [table, rows] : tables) {
        json::array columns, key;
        for (const auto& column : table.columns)
            columns.push_back(described(column));
        for (const auto& name : table.key)
            key.push_back(json::string(name));
        all.push_back(json::object{{"name", table.name},
                                   {"file", file_of(table)},
                                   {"rows", rows},
                                   {"key", std::move(key)},
                                   {"columns", std::move(columns)}});
    }
    return {{"about", about},
            {"format", 1},
            {"program", fmt::format("persais {}", version)},
            {"made_at", at},
            {"tables", std::move(all)}};
}

result<export_folder> export_folder::make(fs::path folder) {
    std::error_code ec;
    if (fs::exists(folder, ec) && !fs::is_empty(folder, ec))
        return fail(
            told<"{} is there and not empty; name a new folder.", "{} уже существует и не пуст; укажите новую папку.">(
                folder.string()));
    fs::create_directories(folder, ec);
    if (!ec) fs::permissions(folder, fs::perms::owner_all, ec);
    if (ec) return fail(told<"{} cannot be made: {}", "{} не удалось создать: {}">(folder.string(), ec.message()));
    return export_folder(std::move(folder));
}

void export_folder::close() {
    if (!file_.is_open()) return;
    file_.close();
    if (!file_) broken_ = true;
    done_.back().second = rows_;
}

result<void> export_folder::begin(queue::exported_table of) {
    close();
    rows_ = 0;
    file_ = std::ofstream(folder_ / file_of(of), std::ios::binary);
    done_.emplace_back(std::move(of), 0);
    if (file_ && !broken_) return {};
    return fail(
        told<"{} could not be written.", "{} не удалось записать.">((folder_ / file_of(done_.back().first)).string()));
}

bool export_folder::add(std::string_view line) {
    file_ << line << '\n';
    if (!file_) broken_ = true;
    if (file_) ++rows_;
    return static_cast<bool>(file_);
}

result<void> export_folder::end(std::string_view version, std::string_view at) {
    close();
    auto name = folder_ / "schema.json";
    if (!broken_) {
        std::ofstream file(name, std::ios::binary);
        file << json::serialize(describe(done_, version, at)) << '\n';
        file.close();
        if (file) return {};
    }
    return fail(told<"The export is not whole: a file in {} could not be written. Is the disk full?",
                     "Выгрузка неполна: файл в {} не удалось записать. Диск заполнен?">(folder_.string()));
}

} // namespace persais::cli
