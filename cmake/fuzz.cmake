# tests/fuzz/NAME.cpp becomes the program fuzz_NAME. Only the pure sources that it needs are built, under ASan and UBSan.
# The preset is `fuzz`; tests/fuzz/run builds and runs.
if(PERSAIS_FUZZ)
  set(pure telegram/api/answer telegram/api/addressee telegram/api/command telegram/api/markdown telegram/api/methods telegram/api/raw_json
           telegram/api/say telegram/api/shown telegram/api/split telegram/api/styled telegram/api/message_text telegram/api/update telegram/api/utf16
           telegram/outbound/activity telegram/outbound/render_lists telegram/outbound/render_pieces
           telegram/outbound/render_progress telegram/outbound/render_result telegram/outbound/standing base/encoding base/url forge/place git/scp_form
           telegram/store/button_action
           i18n/format i18n/language)
  list(TRANSFORM pure REPLACE "(.+)" "src/\\1.cpp")
  file(GLOB mechanic CONFIGURE_DEPENDS src/mechanic/*.cpp)
  list(FILTER mechanic EXCLUDE REGEX "_test\\.cpp$")

  add_library(fuzzed STATIC EXCLUDE_FROM_ALL ${pure} ${mechanic} src/base/text.cpp src/base/json.cpp src/base/unicode.cpp
              src/base/asio_impl.cpp)
  target_include_directories(fuzzed PUBLIC src)
  target_compile_options(fuzzed PUBLIC -fsanitize=fuzzer-no-link)
  target_link_libraries(fuzzed PUBLIC persais_foreign)
  target_precompile_headers(fuzzed PRIVATE cmake/foreign.hpp)

  file(GLOB targets CONFIGURE_DEPENDS tests/fuzz/*.cpp)
  foreach(source ${targets})
    cmake_path(GET source STEM name)
    add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(fuzz_${name} PRIVATE fuzzed)
    target_precompile_headers(fuzz_${name} REUSE_FROM fuzzed)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()
