# Fails where docs/operations.md is not what the registry says now: cmake -D program=… -D page=… -P operations_page.cmake
execute_process(COMMAND ${program} OUTPUT_VARIABLE generated COMMAND_ERROR_IS_FATAL ANY)
set(written "")
if(EXISTS ${page})
  file(READ ${page} written)
endif()
if(NOT generated STREQUAL written)
  message(FATAL_ERROR "${page} is not up to date: run ./dev docs")
endif()
