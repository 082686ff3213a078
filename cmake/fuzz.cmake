# tests/fuzz/NAME.cpp becomes the program fuzz_NAME. Only the pure sources that it needs are built, under ASan and UBSan. The preset is
# `fuzz`; tests/fuzz/run builds and runs the programs.
if(PERSAIS_FUZZ)
  file(GLOB pure CONFIGURE_DEPENDS src/i18n/*.cpp src/mechanic/*.cpp src/telegram/api/*.cpp src/telegram/outbound/render*.cpp)
  list(FILTER pure EXCLUDE REGEX "_test\\.cpp$|/api/api\\.cpp$")
  add_library(fuzzed STATIC EXCLUDE_FROM_ALL ${pure} src/base/asio_impl.cpp src/base/comma_parts.cpp src/base/encoding.cpp src/base/json.cpp src/base/model_name.cpp src/base/nearest.cpp src/base/text.cpp
              src/base/told.cpp src/base/paths.cpp src/base/unicode.cpp src/base/url.cpp src/forge/place.cpp src/git/scp_form.cpp src/telegram/store/button_action.cpp
              src/base/networks.cpp src/checks/glob.cpp src/leaks/rules.cpp src/leaks/scanner.cpp ${CMAKE_BINARY_DIR}/generated/leaks/gitleaks.cpp
              src/checks/repository_file.cpp src/coder/aider_protocol.cpp src/coder/tags.cpp src/config/dotenv.cpp
              src/config/text.cpp src/git/changes.cpp src/git/index_file.cpp src/git/layout.cpp src/git/lfs.cpp src/git/refs.cpp src/git/submodules.cpp
              src/backup/manifest.cpp src/backup/s3_answers.cpp src/backup/tar.cpp src/base/host_rules.cpp src/egress/name_table.cpp src/egress/request_head.cpp src/http/beast_impl.cpp src/http/http.cpp src/http/request_reader.cpp src/llm/answer.cpp
              src/llm/dialect.cpp src/llm/money.cpp src/llm/outcome.cpp src/llm/priced.cpp src/llm/rewrite.cpp src/llm/shape.cpp src/llm/sse.cpp)
  target_include_directories(fuzzed PUBLIC src)
  target_compile_options(fuzzed PUBLIC -fsanitize=fuzzer-no-link -ffunction-sections -fdata-sections)
  target_link_libraries(fuzzed PUBLIC persais_foreign ${RE2})
  target_precompile_headers(fuzzed PRIVATE cmake/foreign.hpp)

  file(GLOB targets CONFIGURE_DEPENDS tests/fuzz/*.cpp)
  foreach(source ${targets})
    cmake_path(GET source STEM name)
    add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(fuzz_${name} PRIVATE fuzzed)
    target_precompile_headers(fuzz_${name} REUSE_FROM fuzzed)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer -Wl,--gc-sections)
  endforeach()
  # git's parsers stand beside what runs git. That is called by no property, and what it would need is not built.
  target_link_options(fuzz_git_output PRIVATE -Wl,--unresolved-symbols=ignore-all)
endif()
