#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace lucid::net {

// Files that a server gives out of memory, with validators so that browsers ask for each only once
// (RFC 9110 8.8.3, 13.1.2).
class StaticFiles {
 public:
  // "/app.js"; a path that ends in '/' is what that folder shows. The type follows from the name.
  void add(std::string path, std::string content);
  // HTML shown at "/room" and at "/room/ANYTHING".
  void add_page(std::string path, std::string content);
  // The answer to GET and HEAD of a file that is here; 405 for other methods on it.
  std::optional<HttpResponse> answer(const HttpRequest& request) const;

 private:
  struct File {
    std::string content;
    std::string_view type;
    std::string tag;
  };
  const File* find(std::string_view path) const;

  std::map<std::string, File, std::less<>> files_;  // a page's name ends in "/*"
};

std::string_view content_type(std::string_view path);

}  // namespace lucid::net
