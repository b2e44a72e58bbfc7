// Property: HTTP requests come out of a stream the same wherever it is cut, within their limits;
// URLs and queries do not crash.
#include <algorithm>
#include <string>

#include "core/check.hpp"
#include "net/detail/http_parser.hpp"

using namespace lucid;
using net::detail::HttpParser;

namespace {

constexpr std::size_t max_header = 1024;
constexpr std::size_t max_body = 256;

std::string requests(core::Bytes stream, std::size_t piece) {
  HttpParser parser{HttpParser::Expects::requests, max_header, max_body};
  std::string out;
  for (; !stream.empty(); stream = stream.subspan(std::min(piece, stream.size()))) {
    parser.feed(stream.first(std::min(piece, stream.size())));
    HttpParser::State state = parser.parse();
    for (; state == HttpParser::State::complete; state = parser.parse()) {
      const net::HttpRequest request = parser.take_request();
      core::check(request.body.size() <= max_body);
      out += request.method + " " + request.target + "\n";
      for (const auto& [name, value] : request.headers) out += name + ":" + value + "\n";
      out += request.body + "\n";
      (void)request.parameter("room");
      (void)request.wants_websocket();
    }
    if (state != HttpParser::State::more) break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const core::Bytes stream{data, size};
  core::check(requests(stream, std::max<std::size_t>(1, size)) == requests(stream, 7));
  (void)net::Url::parse(core::as_text(stream));
  (void)net::percent_decode(core::as_text(stream));
  return 0;
}
