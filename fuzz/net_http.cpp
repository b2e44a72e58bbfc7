// Property: HTTP requests come out of a stream the same wherever it is cut, within their limits;
// URLs and queries do not crash.
#include <string>

#include "core/check.hpp"
#include "fuzz/net_pieces.hpp"
#include "net/detail/http_parser.hpp"

using namespace lucid;
using net::detail::HttpParser;

namespace {

std::string requests(core::Bytes stream, std::size_t piece) {
  HttpParser parser{HttpParser::Expects::requests, 1024, 256};
  std::string out;
  for_pieces(stream, piece, [&](core::Bytes bytes) {
    parser.feed(bytes);
    HttpParser::State state = parser.parse();
    for (; state == HttpParser::State::complete; state = parser.parse()) {
      const net::HttpRequest request = parser.take_request();
      core::check(request.body.size() <= 256);
      out += request.method + " " + request.target + " " + request.body + "\n";
      for (const auto& [name, value] : request.headers) out += name + ":" + value + "\n";
      (void)request.parameter("room");
    }
    return state == HttpParser::State::more;
  });
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
