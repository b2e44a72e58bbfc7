#include "app/gate.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace lucid::app {

namespace {

// What stands behind "Bearer", in any case.
std::string_view bearer_token(const net::HttpRequest& request) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view field = request.headers["Authorization"];
  const bool bearer = core::equal_ignoring_case(field.substr(0, scheme.size()), scheme);
  return bearer ? field.substr(scheme.size()) : std::string_view{};
}

bool same_secret(std::string_view a, std::string_view b) {
  return core::equal_constant_time(core::as_bytes(a), core::as_bytes(b));
}

}  // namespace

bool Gate::allows(const net::HttpRequest& request) const {
  const std::string_view origin = request.headers["Origin"];
  if (options_.origins.empty() || origin.empty()) return true;
  // Our own pages are always welcome.
  const std::size_t at = origin.find("://");
  if (at != std::string_view::npos && origin.substr(at + 3) == request.headers["Host"]) return true;
  return std::ranges::find(options_.origins, origin) != options_.origins.end();
}

bool Gate::has_token(const net::HttpRequest& request) const {
  return options_.token.empty() || same_secret(bearer_token(request), options_.token) ||
         same_secret(request.parameter("token").value_or(""), options_.token);
}

std::expected<void, net::HttpResponse> Gate::check(const net::HttpRequest& request) {
  if (!allows(request)) {
    ++turned_away_;
    return std::unexpected(net::HttpResponse::text(
        403, "Pages of this origin may not connect; --allow-origin lists those that may.\n"));
  }
  if (!has_token(request)) {
    ++turned_away_;
    auto response = net::HttpResponse::text(
        401, "A token is needed: as \"Authorization: Bearer TOKEN\" or as ?token=TOKEN.\n");
    response.headers.add("WWW-Authenticate", "Bearer");
    return std::unexpected(std::move(response));
  }
  return {};
}

std::expected<Gate::Pass, net::HttpResponse> Gate::admit(const net::HttpRequest& request) {
  if (auto checked = check(request); !checked) return std::unexpected(checked.error());
  const std::string address = request.path.remote.ip.text();
  std::size_t& places = (*places_)[address];
  if (places >= options_.per_address) {
    ++turned_away_;
    return std::unexpected(net::HttpResponse::text(429, "Too many clients from this address.\n"));
  }
  ++places;
  return Pass{nullptr, [address, all = places_](void*) {
                const auto found = all->find(address);
                if (--found->second == 0) all->erase(found);
              }};
}

}  // namespace lucid::app
