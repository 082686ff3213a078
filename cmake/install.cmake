# The files that `cmake --install` puts below a prefix, where config::find_beside looks for them: bin/ has the two programs and persais-clone.so,
# lib/persais/agent the wrapper that drives aider, lib/persais/demo the files of `persais demo`. The Dockerfile creates the Python
# environment (lib/persais/agent-env) and PostgreSQL (lib/persais/postgres) there; elsewhere PERSAIS_AGENT_ENV and PERSAIS_POSTGRES name
# them.
# A package brings the libraries that not every distribution has in one version (scripts/package); where the folder is missing, as in the
# image, the system's own are found.
set_target_properties(persais PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/persais/lib")
install(TARGETS persais persais-keeper RUNTIME DESTINATION bin)
install(TARGETS persais-clone LIBRARY DESTINATION bin) # beside the keeper, for the prepared agent
install(DIRECTORY agent/persais_agent DESTINATION lib/persais/agent PATTERN __pycache__ EXCLUDE)
install(PROGRAMS agent/run.py agent/prepared.py DESTINATION lib/persais/agent)
install(DIRECTORY demo/ DESTINATION lib/persais/demo PATTERN __pycache__ EXCLUDE)
install(DIRECTORY tests/fakes/model DESTINATION lib/persais/demo
  FILES_MATCHING PATTERN *.py PATTERN test_*.py EXCLUDE PATTERN testing.py EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES src/leaks/gitleaks.LICENSE DESTINATION share/doc/persais) # of the rules that are built in
install(PROGRAMS scripts/demo DESTINATION lib/persais/demo)

# The manuals and completions, which the program writes from the table of its own commands whenever it was linked: below share/, where
# man(1) and the shells look.
add_custom_command(TARGET persais POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${CMAKE_BINARY_DIR}/share
  COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C $<TARGET_FILE:persais> write-documents ${CMAKE_BINARY_DIR}/share
  COMMAND ${CMAKE_COMMAND} -E env LC_ALL=ru_RU.UTF-8 $<TARGET_FILE:persais> write-documents ${CMAKE_BINARY_DIR}/share)
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION share)
