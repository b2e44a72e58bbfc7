# Writes OUTPUT, a C++ file with the content of FILES in it:
#   cmake -DOUTPUT=... -DFILES=a.html;b.js -P embed.cmake
set(code "#include \"app/web/pages.hpp\"\n\nnamespace lucid::app {\n\nnet::StaticFiles web_pages() {\n  net::StaticFiles files;\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" text "${hex}")
  # Literals may be only so long; neighbours are joined by the compiler.
  string(REGEX REPLACE "((\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..)(\\\\x..))" "\\1\"\n      \"" text "${text}")
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  file(SIZE ${file} size)
  string(APPEND code "  files.add(\"${path}\", std::string{\n      \"${text}\", ${size}});\n")
endforeach()
string(APPEND code "  return files;\n}\n\n}  // namespace lucid::app\n")
file(WRITE ${OUTPUT} "${code}")
