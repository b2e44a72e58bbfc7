#pragma once
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace lucid::app {

// Who may come in: by origin, by token, and so many from one address.
class Gate {
 public:
  struct Options {
    std::vector<std::string> origins;  // empty: any page may connect
    std::string token;                 // empty: nobody is asked for one
    std::size_t per_address = 4096;
  };
  // A place at the gate, given back when the last copy goes.
  using Pass = std::shared_ptr<void>;

  explicit Gate(Options options) : options_{std::move(options)} {}

  // Or the answer to who is turned away.
  std::expected<Pass, net::HttpResponse> admit(const net::HttpRequest& request);
  // The same without taking a place: for one request.
  std::expected<void, net::HttpResponse> check(const net::HttpRequest& request);
  bool allows(const net::HttpRequest& request) const;  // its origin
  std::uint64_t turned_away() const { return turned_away_; }

 private:
  bool has_token(const net::HttpRequest& request) const;

  Options options_;
  std::shared_ptr<std::map<std::string, std::size_t>> places_ =
      std::make_shared<std::map<std::string, std::size_t>>();
  std::uint64_t turned_away_ = 0;
};

}  // namespace lucid::app
