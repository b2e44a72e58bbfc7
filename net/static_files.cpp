#include "net/static_files.hpp"

#include <openssl/evp.h>

#include <array>

#include "core/bytes.hpp"

namespace lucid::net {

namespace {

// RFC 9110 8.8.3: a validator that changes with the content.
std::string tag_of(std::string_view content) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return "\"" + core::to_hex(core::Bytes{digest}.first(8)) + "\"";
}

}  // namespace

std::string_view content_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> types{{
      {".html", "text/html; charset=utf-8"},
      {"/", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".ico", "image/x-icon"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".woff2", "font/woff2"},
  }};
  for (const auto& [end, type] : types) {
    if (path.ends_with(end)) return type;
  }
  return "application/octet-stream";
}

void StaticFiles::add(std::string path, std::string content) {
  File file{std::move(content), content_type(path), {}};
  file.tag = tag_of(file.content);
  files_.insert_or_assign(std::move(path), std::move(file));
}

void StaticFiles::add_page(std::string path, std::string content) {
  File file{std::move(content), content_type(".html"), {}};
  file.tag = tag_of(file.content);
  files_.insert_or_assign(path + "/*", std::move(file));
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
  if (const auto found = files_.find(path); found != files_.end()) return &found->second;
  const std::string page{path.substr(0, path.find('/', 1))};
  const auto found = files_.find(page + "/*");
  return found == files_.end() ? nullptr : &found->second;
}

std::optional<HttpResponse> StaticFiles::answer(const HttpRequest& request) const {
  const File* found = find(percent_decode(request.resource()));
  if (found == nullptr) return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = HttpResponse::text(405, "this is a file\n");
    response.headers.add("Allow", "GET, HEAD");
    return response;
  }
  const File& file = *found;
  HttpResponse response{200, {{"ETag", file.tag}, {"Cache-Control", "no-cache"}}, {}};
  // RFC 9110 13.1.2
  if (request.headers.lists("If-None-Match", file.tag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string{file.type});
  response.body = file.content;
  return response;
}

}  // namespace lucid::net
