#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/address.hpp"

namespace lucid::net {

// Header fields in their order; names are equal whatever their case (RFC 9110 5.1).
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_{fields} {}

  // The value of the first of this name; empty when there is none.
  std::string_view operator[](std::string_view name) const;
  bool has(std::string_view name) const;
  // Whether the list that the field holds has this token (RFC 9110 5.6.1), such as "upgrade".
  bool lists(std::string_view name, std::string_view token) const;
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);  // in place of all of this name

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query, as on the wire
  HttpHeaders headers{};
  std::string body{};
  core::Path path{};  // of the connection, at a server

  std::string_view resource() const;  // the target up to its query
  std::string_view query() const;     // and what is behind the question mark
  // The value of a parameter of the query, percent-decoded (WHATWG URL 5.1).
  std::optional<std::string> parameter(std::string_view name) const;
  bool wants_websocket() const;  // RFC 6455 4.2.1
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers{};
  std::string body{};

  static HttpResponse text(int status, std::string body);
};

// RFC 9110 15: "Not Found".
std::string_view reason_phrase(int status);
// "%2F" and '+' as in a query; malformed escapes stay as they are.
std::string percent_decode(std::string_view text);

// Whether to look for a connection, and what for: http, https, ws, wss.
struct Url {
  std::string scheme;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;

  static std::optional<Url> parse(std::string_view text);
  bool secure() const { return scheme == "https" || scheme == "wss"; }
  std::string authority() const;  // for the Host field
};

}  // namespace lucid::net
