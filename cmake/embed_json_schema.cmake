# docs/json.schema.json as a constant, from which the document of the API has what it shares with --json. As a script (cmake -P) it writes
# the source; when included, it adds the rule that does so after the file has changed.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${FROM} text)
  string(LENGTH "${text}" length)
  set(made "#include <string_view>\n\nnamespace persais::api {\n\nextern const std::string_view json_schema;\n")
  string(APPEND made "const std::string_view json_schema =")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND made "\n    R\"persais_json(${piece})persais_json\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(APPEND made ";\n\n} // namespace persais::api\n")
  file(WRITE ${TO} "${made}")
  return()
endif()

set(from ${CMAKE_SOURCE_DIR}/docs/json.schema.json)
set(to ${CMAKE_BINARY_DIR}/generated/api/json_schema.cpp)
add_custom_command(OUTPUT ${to}
  COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DTO=${to} -P ${CMAKE_CURRENT_LIST_FILE}
  DEPENDS ${from} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
target_sources(persais_api PRIVATE ${to})
set_source_files_properties(${to} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings) # g++ and clang++ take any length
