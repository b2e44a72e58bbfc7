#include "net/http.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace lucid::net {

namespace {

using core::equal_ignoring_case;

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// Cuts off and returns what stands before the next separator.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return std::nullopt;
}

// RFC 6455 4.2.1: the key is 16 bytes in base64.
bool is_key(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return text.size() == 24 && text.ends_with("==") && std::ranges::all_of(text.substr(0, 22), good);
}

}  // namespace

std::string_view HttpHeaders::operator[](std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

bool HttpHeaders::has(std::string_view name) const {
  return std::ranges::any_of(fields_,
                             [&](const auto& one) { return equal_ignoring_case(one.first, name); });
}

bool HttpHeaders::lists(std::string_view name, std::string_view token) const {
  for (const auto& [field, value] : fields_) {
    if (!equal_ignoring_case(field, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      if (equal_ignoring_case(trim(next_part(rest, ',')), token)) return true;
    }
  }
  return false;
}

void HttpHeaders::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void HttpHeaders::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const auto& one) { return equal_ignoring_case(one.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view HttpRequest::resource() const {
  return std::string_view{target}.substr(0, target.find('?'));
}

std::string_view HttpRequest::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view{target}.substr(mark + 1);
}

std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
  for (std::string_view rest = query(); !rest.empty();) {
    std::string_view value = next_part(rest, '&');
    if (percent_decode(next_part(value, '=')) == name) return percent_decode(value);
  }
  return std::nullopt;
}

bool HttpRequest::wants_websocket() const {
  return method == "GET" && headers.lists("Connection", "upgrade") &&
         headers.lists("Upgrade", "websocket") && headers["Sec-WebSocket-Version"] == "13" &&
         is_key(headers["Sec-WebSocket-Key"]);
}

HttpResponse HttpResponse::text(int status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint8_t value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* end = text.data() + i + 3;
      const auto [stop, error] = std::from_chars(text.data() + i + 1, end, value, 16);
      if (error == std::errc{} && stop == end) {
        out += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    out += text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

std::optional<Url> Url::parse(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  // RFC 3986 2: no blanks, no control characters; a line break would begin another line of HTTP.
  const auto bad = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, bad)) return std::nullopt;
  Url url;
  url.scheme = core::to_lower(text.substr(0, colon));
  const auto port = default_port(url.scheme);
  if (!port) return std::nullopt;
  url.port = *port;
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t path = std::min(text.find_first_of("/?"), text.size());
  std::string_view host = text.substr(0, path);
  url.target = text.substr(path);
  if (url.target.empty() || url.target.front() == '?') url.target.insert(0, "/");
  // RFC 3986 3.2.2: an IPv6 address stands in brackets. User names are not for us.
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const std::size_t end = bracket == std::string_view::npos ? host.find(':') : bracket + 1;
  if (end < host.size()) {
    const std::string_view digits = host.substr(end + 1);
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (host[end] != ':' || error != std::errc{} || stop != digits.data() + digits.size()) {
      return std::nullopt;
    }
    host = host.substr(0, end);
  }
  url.host = bracket == std::string_view::npos ? host : host.substr(1, bracket - 1);
  if (url.host.empty() || url.host.find('@') != std::string::npos) {
    return std::nullopt;
  }
  return url;
}

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = v6 ? "[" + host + "]" : host;
  if (port != default_port(scheme)) text += ":" + std::to_string(port);
  return text;
}

}  // namespace lucid::net
