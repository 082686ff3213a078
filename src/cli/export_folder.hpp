#pragma once
#include "base/result.hpp"
#include "queue/exported.hpp"

#include <filesystem>
#include <fstream>

namespace persais::cli {

/// The folder that an export is written to: TABLE.jsonl for each table and schema.json, which describes them, is
/// written last and so says that the export is whole. Only its owner may look in.
class export_folder {
public:
    /// Makes the folder. An error is one sentence: it is there and not empty, or cannot be made.
    static result<export_folder> make(std::filesystem::path folder);

    /// Begins the file of a table.
    result<void> begin(queue::exported_table of);
    /// A row of the table begun last. False: it could not be written, which end() explains.
    bool add(std::string_view line);
    /// Writes schema.json. `version`: of the program.
    result<void> end(std::string_view version, std::string_view at);
    std::int64_t rows() const { return rows_; } // of the table begun last
    const std::filesystem::path& path() const { return folder_; }

private:
    explicit export_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}
    void close();
    std::filesystem::path folder_;
    std::ofstream file_;
    bool broken_ = false;
    std::int64_t rows_ = 0;
    std::vector<std::pair<queue::exported_table, std::int64_t>> done_;
};

/// What schema.json says. Its own format is described in it.
boost::json::object describe(const std::vector<std::pair<queue::exported_table, std::int64_t>>& tables,
                             std::string_view version, std::string_view at);

} // namespace persais::cli
